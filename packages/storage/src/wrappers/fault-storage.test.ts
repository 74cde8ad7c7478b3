import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { listed, sampleBytes, sampleFile } from '../conformance/samples.ts';
import { storageConformance } from '../conformance/storage-conformance.ts';
import { MemoryStorage } from '../memory/memory-storage.ts';
import { bytesBody } from '../port/index.ts';
import { type Fault, FaultStorage, faultFrom, faultOnce, InstantClock, noFaults, randomFaults, seededRandom } from './fault-storage.ts';

const file = sampleFile('data');
const bytes = sampleBytes(100, 1);

function rig(plan = noFaults) {
  const memory = new MemoryStorage();
  const clock = new InstantClock();
  return { memory, clock, storage: new FaultStorage(memory, plan, clock) };
}

storageConformance('fault over memory, with no faults', async () => {
  const { storage, memory } = rig();
  return { storage, reopen: async () => new MemoryStorage({ files: memory.files }), cleanup: async () => memory.files.clear() };
});

test('a call fails once, or for good, and is counted', async () => {
  const { storage, memory } = rig(faultOnce('save', 2, { kind: 'fail' }));
  await storage.save(sampleFile('data', 1), bytesBody(bytes));
  await assert.rejects(storage.save(sampleFile('data', 2), bytesBody(bytes)), { code: 'storage-unreachable', retry: 'temporary' });
  await storage.save(sampleFile('data', 3), bytesBody(bytes));
  assert.equal(memory.files.size, 2);
  const error = new CodedError({ code: 'storage-full', message: 'full' });
  storage.plan = faultFrom('save', 4, { kind: 'fail', error });
  for (let round = 0; round < 3; round++) await assert.rejects(storage.save(file, bytesBody(bytes)), (thrown) => thrown === error);
  assert.deepEqual(storage.calls, { create: 0, save: 6, load: 0, stat: 0, list: 0, remove: 0 });
});

test('a lost answer: the work is done and the caller does not know', async () => {
  const { storage, memory } = rig(faultFrom('save', 1, { kind: 'lost-answer' }));
  await assert.rejects(storage.save(file, bytesBody(bytes)), { code: 'storage-unreachable' });
  assert.deepEqual(memory.files.get(`data/${file.name}`), bytes);
});

test('a torn write stores a piece under the final name, and throws or says that all is well', async () => {
  for (const silent of [true, false]) {
    const { storage, memory } = rig(faultOnce('save', 1, { kind: 'torn-write', keepBytes: 33, silent }));
    const save = storage.save(file, bytesBody(bytes.subarray(0, 30), bytes.subarray(30)));
    if (silent) await save;
    else await assert.rejects(save, { code: 'storage-io', retry: 'temporary' });
    assert.deepEqual(memory.files.get(`data/${file.name}`), bytes.slice(0, 33));
  }
});

test('a short read throws, or gives fewer bytes as if they were all', async () => {
  for (const silent of [true, false]) {
    const { storage, memory } = rig(faultOnce('load', 1, { kind: 'short-read', keepBytes: 7, silent }));
    memory.files.set(`data/${file.name}`, bytes);
    if (silent) assert.deepEqual(await storage.load(file, { offset: 10, length: 20 }), bytes.slice(10, 17));
    else await assert.rejects(storage.load(file), { code: 'storage-short-read', retry: 'temporary' });
    assert.deepEqual(await storage.load(file), bytes);
  }
});

test('a slow call takes its time; a list breaks off where planned', async () => {
  const { storage, memory, clock } = rig(
    (call): Fault => (call.operation === 'list' ? { kind: 'fail', afterFiles: 2 } : { kind: 'slow', ms: 5000 }),
  );
  for (let seed = 0; seed < 5; seed++) memory.files.set(`data/${sampleFile('data', seed).name}`, bytes);
  await storage.stat(sampleFile('data', 0));
  assert.equal(clock.sleptMs, 5000);
  const names: string[] = [];
  await assert.rejects(async () => {
    for await (const info of storage.list('data')) names.push(info.name);
  });
  assert.equal(names.length, 2);
  storage.plan = faultFrom('list', 1, { kind: 'fail' });
  await assert.rejects(listed(storage, 'index'), { code: 'storage-unreachable' });
});

test('a fault that cannot meet the operation is a mistake of the plan', async () => {
  const { storage } = rig(faultFrom('stat', 1, { kind: 'torn-write', keepBytes: 1, silent: true }));
  await assert.rejects(storage.stat(file), TypeError);
});

test('random faults are the same for the same seed, and as many as asked for', async () => {
  const kinds = ['fail', 'lost-answer', 'slow', 'short-read', 'torn-write'] as const;
  const draw = (seed: number): (Fault | undefined)[] => {
    const plan = randomFaults(seededRandom(seed), { percent: 20, kinds });
    const operations = ['save', 'load', 'list', 'stat', 'remove', 'create'] as const;
    return Array.from({ length: 3000 }, (_, index) => plan({ operation: operations[index % 6] ?? 'save', number: index }));
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  const hits = draw(3).filter((fault) => fault !== undefined);
  assert.ok(hits.length > 480 && hits.length < 720, String(hits.length));
  assert.deepEqual(new Set(hits.map((fault) => fault.kind)), new Set(kinds));
});
