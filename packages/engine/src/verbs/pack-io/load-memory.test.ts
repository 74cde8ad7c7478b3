import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStorage } from '@holdfast/storage/memory';
import { bytesBody, type FileRef, type LoadOptions, type Storage } from '@holdfast/storage/port';
import { LoadMemory } from './load-memory.ts';

/** A storage that puts what it loads into the memory given for it, as the local one does. */
class PlacingStorage extends MemoryStorage {
  override async load(...[file, range, options]: Parameters<Storage['load']>): Promise<Uint8Array> {
    const bytes = await super.load(file, range, options);
    const into: LoadOptions['into'] = options?.into;
    if (into === undefined || into.byteLength < bytes.byteLength) return bytes;
    into.set(bytes);
    return into.subarray(0, bytes.byteLength);
  }
}

const pack: FileRef = { type: 'data', name: 'ab'.repeat(32) };

async function storageWith(storage: MemoryStorage, sizeBytes: number): Promise<MemoryStorage> {
  await storage.save(pack, bytesBody(new Uint8Array(sizeBytes).fill(7)));
  return storage;
}

const range = (length: number): { offset: number; length: number } => ({ offset: 0, length });

test('memory is used again once it was given back, and not before', async () => {
  const storage = await storageWith(new PlacingStorage(), 1000);
  const memory = new LoadMemory(10_000, 1000);
  const first = await memory.load(storage, pack, range(100), 100);
  const second = await memory.load(storage, pack, range(900), 900);
  assert.notEqual(first.bytes.buffer, second.bytes.buffer);
  assert.deepEqual([first.bytes.byteLength, first.transfer, second.bytes.byteLength], [100, [], 900]);
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  const large = await memory.load(storage, pack, range(800), 800);
  const small = await memory.load(storage, pack, range(50), 50);
  assert.equal(large.bytes.buffer, second.bytes.buffer, 'what has held as much before');
  assert.equal(small.bytes.buffer, first.bytes.buffer);
  assert.ok(large.bytes.every((byte) => byte === 7));
});

test('what is too large for it, or comes from a storage that ignores it, moves to the thread', async () => {
  const placing = await storageWith(new PlacingStorage(), 1000);
  const plain = await storageWith(new MemoryStorage(), 1000);
  const memory = new LoadMemory(10_000, 500);
  for (const [storage, sizeBytes] of [
    [placing, 501],
    [plain, 100],
  ] as const) {
    using loaded = await memory.load(storage, pack, range(sizeBytes), sizeBytes);
    assert.deepEqual(loaded.transfer, [loaded.bytes.buffer]);
    assert.equal(loaded.bytes.buffer.byteLength, sizeBytes);
  }
});

test('a load waits for room, and one that fails gives its room back', async () => {
  const storage = await storageWith(new PlacingStorage(), 100);
  const memory = new LoadMemory(150, 100);
  const first = await memory.load(storage, pack, undefined, 100);
  let isLoaded = false;
  const waiting = memory.load(storage, pack, undefined, 100).then((loaded) => {
    isLoaded = true;
    return loaded;
  });
  await new Promise(setImmediate);
  assert.equal(isLoaded, false);
  first[Symbol.dispose]();
  (await waiting)[Symbol.dispose]();
  for (let round = 0; round < 3; round++) await assert.rejects(memory.load(storage, pack, range(101), 101), { code: 'storage-short-read' });
  using last = await memory.load(storage, pack, undefined, 100);
  assert.equal(last.bytes.byteLength, 100);
});
