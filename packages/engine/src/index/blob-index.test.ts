import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@holdfast/kernel';
import fc from 'fast-check';
import { syntheticId, syntheticIndex } from '../../../../test/support/synthetic-index.ts';
import { decodeIndex, encodeIndex, type IndexedPack } from '../format/index-file.ts';
import { BlobIndex, type BlobLocation } from './blob-index.ts';
import { findRecord } from './blob-table.ts';
import type { BlobType } from './blob-type.ts';

interface ModelRecord {
  readonly type: BlobType;
  readonly id: string;
  location: BlobLocation;
}

interface Model {
  records: ModelRecord[];
  packs: string[];
}

/** IDs of which many have the same first words, so that they meet in the same slots and differ only at their end. */
const closeIds = Array.from({ length: 24 }, (_, n) => {
  const id = new Uint8Array(32);
  id[0] = n & 1;
  id[4] = (n >> 1) & 1;
  id[31] = n >> 2;
  return id;
});

const types: readonly BlobType[] = ['data', 'tree'];
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyType = fc.constantFrom(...types);
const anyId = fc.constantFrom(...closeIds);

type Command = fc.Command<Model, BlobIndex>;

function command(name: string, needs: (model: Readonly<Model>) => boolean, run: (model: Model, index: BlobIndex) => void): Command {
  return { check: needs, run, toString: () => name };
}

const always = (): boolean => true;
const hasPacks = ({ packs }: Readonly<Model>): boolean => packs.length > 0;
const hasRecords = ({ records }: Readonly<Model>): boolean => records.length > 0;

function pick<T>(items: readonly T[], at: number): T {
  return items[at % items.length] as T;
}

const commands = [
  fc.constantFrom('', 'aa'.repeat(32)).map((id) =>
    command(`addPack(${id})`, always, (model, index) => {
      assert.equal(index.addPack(id), model.packs.push(id) - 1);
    }),
  ),
  fc.nat().map((at) =>
    command(`namePack(${at})`, hasPacks, (model, index) => {
      const pack = at % model.packs.length;
      model.packs[pack] = `named ${pack}`;
      index.namePack(pack, `named ${pack}`);
    }),
  ),
  fc.tuple(anyType, anyId, fc.nat(), uint32, uint32, uint32).map(([type, id, at, offset, sealedBytes, uncompressedBytes]) =>
    command(`add(${type}, ${toHex(id)})`, hasPacks, (model, index) => {
      const location = { pack: at % model.packs.length, offset, sealedBytes, uncompressedBytes };
      assert.equal(index.add(type, id, location), model.records.push({ type, id: toHex(id), location }) - 1);
    }),
  ),
  fc.tuple(fc.nat(), fc.nat(), uint32).map(([at, packAt, offset]) =>
    command(
      `relocate(${at})`,
      (model) => hasRecords(model) && hasPacks(model),
      (model, index) => {
        const record = pick(model.records, at);
        record.location = { ...record.location, pack: packAt % model.packs.length, offset };
        index.relocate(at % model.records.length, record.location.pack, offset);
      },
    ),
  ),
  fc.constant(
    command(
      'clear()',
      ({ packs }) => packs.length > 4,
      (model, index) => {
        model.records = [];
        model.packs = [];
        index.clear();
      },
    ),
  ),
  fc.nat({ max: 4000 }).map((count) =>
    command(`addMany(${count})`, hasPacks, (model, index) => {
      const location = { pack: 0, offset: 1, sealedBytes: 2, uncompressedBytes: 3 };
      for (let n = 0; n < count; n++) {
        const id = syntheticId(model.records.length);
        index.add('data', id, location);
        model.records.push({ type: 'data', id: toHex(id), location });
      }
    }),
  ),
];

/** Every copy of every close ID is found in the order in which it was added, and nothing more. */
function agree(model: Model, index: BlobIndex): void {
  assert.equal(index.size, model.records.length);
  assert.equal(index.packCount, model.packs.length);
  assert.deepEqual(
    model.packs.map((_, pack) => index.packId(pack)),
    model.packs,
  );
  const expected = new Map<string, number[]>();
  for (const [record, { type, id }] of model.records.entries()) {
    const key = `${type} ${id}`;
    expected.set(key, [...(expected.get(key) ?? []), record]);
  }
  for (const type of types) {
    for (const id of [...closeIds, syntheticId(0), syntheticId(7), syntheticId(model.records.length)]) {
      const records = expected.get(`${type} ${toHex(id)}`) ?? [];
      const found = [...records, -1].map((_, skip) => index.find(type, id, skip));
      assert.deepEqual(found, [...records, -1]);
      assert.equal(index.findHex(type, toHex(id)), records[0] ?? -1);
    }
  }
  for (const [record, { type, id, location }] of model.records.entries()) {
    assert.deepEqual(index.location(record), location);
    if (record % 97 !== 0) continue;
    assert.deepEqual([index.type(record), index.id(record)], [type, id]);
    assert.deepEqual([index.pack(record), index.sealedBytes(record)], [location.pack, location.sealedBytes]);
  }
  assert.throws(() => index.location(model.records.length), RangeError);
}

test('whatever is added, moved, named and forgotten, the index finds what a list of the same records holds', () => {
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (list) => {
      const model: Model = { records: [], packs: [] };
      const index = new BlobIndex();
      fc.modelRun(() => ({ model, real: index }), list);
      agree(model, index);
    }),
    { numRuns: 150 },
  );
});

test('every blob of a large index is found through all growth, in at most 64 bytes each', () => {
  const index = new BlobIndex();
  const blobs = 200_000;
  for (const file of syntheticIndex(blobs)) decodeInto(index, file);
  assert.equal(index.size, blobs);
  for (let n = 0; n < blobs; n++) assert.equal(index.find('data', syntheticId(n)), n);
  for (let n = blobs; n < blobs + 1000; n++) assert.equal(index.find('data', syntheticId(n)), -1);
  for (let n = 0; n < 1000; n++) assert.equal(index.find('tree', syntheticId(n)), -1);
  const bytesPerBlob = index.memoryBytes / blobs;
  assert.ok(bytesPerBlob <= 64, `${bytesPerBlob} bytes a blob`);
});

test('a blob is not found as one of the other type, even where the search passes it', () => {
  const index = new BlobIndex();
  const pack = index.addPack('');
  const ids = Array.from({ length: 2500 }, (_, n) => {
    const id = Buffer.alloc(32);
    id.writeUInt32LE(n, 4); // the word that says where the search starts: all of them lie in one row
    return id;
  });
  for (const id of ids) index.add('data', id, { pack, offset: 0, sealedBytes: 0, uncompressedBytes: 0 });
  for (const id of ids) assert.equal(index.find('tree', id), -1);
});

test('a table that was shared earlier misses at most what came later, and misreads nothing', () => {
  const index = new BlobIndex();
  const pack = index.addPack('aa'.repeat(32));
  const tables = [index.share()];
  const total = 40_000;
  const added: number[] = [0];
  for (let n = 0; n < total; n++) {
    index.add('data', syntheticId(n), { pack, offset: n, sealedBytes: 1, uncompressedBytes: 0 });
    if (index.share() !== tables.at(-1)) {
      tables.push(index.share());
      added.push(n);
    }
  }
  assert.ok(tables.length >= 5, 'slots and segments have grown');
  tables.forEach((table, i) => {
    assert.ok(i === 0 || table.version > (tables[i - 1]?.version ?? 0), 'a table with more memory has a higher version');
    for (let n = 0; n < total; n += 7) {
      const words = new Uint32Array(new Uint8Array(syntheticId(n)).buffer);
      const record = findRecord(table, words, false);
      if (n < (added[i] ?? 0)) assert.equal(record, n);
      else assert.ok(record === n || record === -1);
    }
  });
});

test('what an index file says is what the index holds, for any packs and blobs', () => {
  const blob = fc.record({ type: anyType, id: anyId, offset: uint32, sealedBytes: uint32, uncompressedBytes: uint32 });
  const id = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);
  const files = fc.array(fc.array(fc.record({ id, blobs: fc.array(blob, { maxLength: 6 }) }), { maxLength: 4 }), { maxLength: 3 });
  fc.assert(
    fc.property(files, (contents) => {
      const index = new BlobIndex();
      for (const packs of contents) decodeInto(index, encodeIndex(packs));
      assert.deepEqual(packsOf(index), contents.flat().map(plain));
    }),
    { numRuns: 200 },
  );
});

function decodeInto(index: BlobIndex, file: Uint8Array): void {
  let pack = -1;
  decodeIndex(file, {
    pack: (id) => {
      pack = index.addPack(id);
    },
    blob: (type, id, offset, sealedBytes, uncompressedBytes) => void index.add(type, id, { pack, offset, sealedBytes, uncompressedBytes }),
  });
}

function packsOf(index: BlobIndex): unknown[] {
  const packs = Array.from({ length: index.packCount }, (_, pack) => ({ id: index.packId(pack), blobs: [] as unknown[] }));
  for (let record = 0; record < index.size; record++) {
    const { pack, ...place } = index.location(record);
    assert.equal(toHex(index.idBytes(record)), index.id(record));
    packs[pack]?.blobs.push({ type: index.type(record), id: index.id(record), ...place });
  }
  return packs;
}

function plain({ id, blobs }: IndexedPack): unknown {
  return { id, blobs: blobs.map((blob) => ({ type: blob.type, id: toHex(blob.id), ...placeOf(blob) })) };
}

function placeOf({ offset, sealedBytes, uncompressedBytes }: IndexedPack['blobs'][number]): object {
  return { offset, sealedBytes, uncompressedBytes };
}
