import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeIndex, type IndexedBlob } from '../../format/index-file.ts';
import { firstRecord } from './first-record.ts';
import { IndexInventory } from './index-inventory.ts';

const packA = 'aa'.repeat(32);
const packB = 'bb'.repeat(32);

function blob(n: number, type: 'data' | 'tree' = 'data', offset = n * 100): IndexedBlob {
  return { type, id: new Uint8Array(32).fill(n), offset, sealedBytes: 100, uncompressedBytes: n % 2 === 0 ? 0 : 200 };
}

test('a pack named twice with the same blobs is one pack and a duplicate', () => {
  const inventory = new IndexInventory();
  inventory.addFile('one', encodeIndex([{ id: packA, blobs: [blob(0), blob(1)] }]));
  inventory.addFile('two', encodeIndex([{ id: packA, blobs: [blob(1), blob(0)] }]));
  assert.equal(inventory.packCount, 1);
  assert.deepEqual([...inventory.records(0)], [0, 1]);
  assert.deepEqual(inventory.duplicatePacks(), [0]);
  assert.deepEqual(inventory.filesOf(0), ['one', 'two']);
  assert.deepEqual([...inventory.contradictory], []);
  assert.equal(inventory.packBytes(0), 200 + 37 + 41 + 36);
});

test('a pack to which two files give different blobs is contradictory, whichever comes first', () => {
  for (const order of [
    [[blob(0)], [blob(0), blob(1)]],
    [[blob(0), blob(1)], [blob(1)]],
    [[blob(0)], [{ ...blob(0), offset: 5 }]],
  ]) {
    const inventory = new IndexInventory();
    for (const [i, blobs] of order.entries()) inventory.addFile(`${i}`, encodeIndex([{ id: packA, blobs }]));
    assert.deepEqual([...inventory.contradictory], [0]);
  }
});

test('a pack split within one file, or listed twice there, is not', () => {
  const inventory = new IndexInventory();
  const parts = [
    { id: packA, blobs: [blob(0)] },
    { id: packB, blobs: [blob(2), blob(3, 'tree')] },
    { id: packA, blobs: [blob(1), blob(0)] },
  ];
  inventory.addFile('one', encodeIndex(parts));
  assert.deepEqual([...inventory.contradictory], []);
  assert.deepEqual(inventory.duplicatePacks(), []);
  assert.deepEqual([...inventory.records(0)].length, 2);
  assert.deepEqual([inventory.kind(0), inventory.kind(1)], ['data', 'mixed']);
});

test('copies of a blob have the same first record; a tree of the same ID is another blob', () => {
  const inventory = new IndexInventory();
  inventory.addFile('one', encodeIndex([{ id: packA, blobs: [blob(0), blob(1, 'tree')] }]));
  inventory.addFile('two', encodeIndex([{ id: packB, blobs: [blob(1), blob(0)] }]));
  const table = inventory.index.share();
  assert.deepEqual(
    [0, 1, 2, 3].map((record) => firstRecord(table, record)),
    [0, 1, 2, 0],
  );
});
