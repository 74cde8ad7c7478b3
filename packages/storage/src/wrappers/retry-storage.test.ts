import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { listed, sampleBytes, sampleFile } from '../conformance/samples.ts';
import { storageConformance } from '../conformance/storage-conformance.ts';
import { MemoryStorage } from '../memory/memory-storage.ts';
import { type Body, bytesBody, type StorageOperation } from '../port/index.ts';
import {
  type Fault,
  type FaultPlan,
  FaultStorage,
  faultFrom,
  faultOnce,
  InstantClock,
  noFaults,
  randomFaults,
  seededRandom,
} from './fault-storage.ts';
import { type RetryEvent, RetryStorage } from './retry-storage.ts';

const bytes = sampleBytes(1000, 1);
const file = sampleFile('data');

function rig(plan: FaultPlan, options: { readonly totalMs?: number; readonly appendOnly?: boolean } = {}) {
  const memory = new MemoryStorage({ appendOnly: options.appendOnly ?? false });
  const clock = new InstantClock();
  const faults = new FaultStorage(memory, plan, clock);
  const events: RetryEvent[] = [];
  const retrying = { clock, random: seededRandom('retry'), onRetry: (event: RetryEvent) => events.push(event) };
  const storage = new RetryStorage(faults, options.totalMs === undefined ? retrying : { ...retrying, totalMs: options.totalMs });
  return { memory, clock, faults, events, storage };
}

storageConformance('retry over memory', async () => {
  const { storage, memory } = rig(noFaults);
  return { storage, reopen: async () => new MemoryStorage({ files: memory.files }), cleanup: async () => memory.files.clear() };
});

const seed = process.env['HOLDFAST_SEED'] ?? String(randomInt(2 ** 32));
storageConformance(`retry over memory where a third of the calls fail (HOLDFAST_SEED=${seed})`, async () => {
  const faultsOf = randomFaults(seededRandom(seed), { percent: 33, kinds: ['fail', 'lost-answer', 'slow', 'short-read'] });
  // After an answer that was lost, a file that is not there counts as removed: the suite's removals of absent files would succeed.
  const plan: FaultPlan = (call) => (call.operation === 'remove' ? undefined : faultsOf(call));
  const { storage, memory, faults } = rig(plan);
  const reopen = async (): Promise<RetryStorage> => {
    const clock = new InstantClock();
    return new RetryStorage(new FaultStorage(memory, faults.plan, clock), { clock, random: seededRandom(seed), onRetry: () => undefined });
  };
  return { storage, reopen, cleanup: async () => memory.files.clear() };
});

test('every verb is tried again after a failure that may pass, and each time that is told', async () => {
  for (const kind of ['fail', 'lost-answer'] as const) {
    for (const operation of ['create', 'save', 'load', 'stat', 'list', 'remove'] as const) {
      const { storage, memory, faults, events, clock } = rig((call) =>
        call.operation === operation && call.number <= 3 ? { kind } : undefined,
      );
      memory.files.set(`data/${file.name}`, bytes);
      const verbs: Record<StorageOperation, () => Promise<unknown>> = {
        create: () => storage.create(),
        save: () => storage.save(file, bytesBody(bytes)),
        load: async () => assert.deepEqual(await storage.load(file), bytes),
        stat: async () => assert.equal((await storage.stat(file)).sizeBytes, 1000),
        list: async () => assert.deepEqual(await listed(storage, 'data'), [{ ...file, sizeBytes: 1000 }]),
        remove: () => storage.remove(file),
      };
      await verbs[operation]();
      // A removal that was done is found out at the second try already.
      const failures = operation === 'remove' && kind === 'lost-answer' ? [1] : [1, 2, 3];
      assert.equal(faults.calls[operation], failures.length + 1);
      assert.deepEqual(
        events.map((event) => [event.operation, event.failures, event.error.code]),
        failures.map((n) => [operation, n, 'storage-unreachable']),
      );
      assert.equal(
        clock.sleptMs,
        events.reduce((sum, event) => sum + event.waitMs, 0),
      );
      assert.equal(memory.files.has(`data/${file.name}`), operation !== 'remove');
    }
  }
});

test('waits grow from 500 ms by 2 to a minute, each ± 50 %, and end after 15 minutes with the last error', async () => {
  const error = new CodedError({ code: 'storage-io', message: 'the disk is away', retry: 'temporary' });
  const { storage, events, clock, faults } = rig(faultFrom('stat', 1, { kind: 'fail', error }));
  await assert.rejects(storage.stat(file), (thrown) => thrown === error);
  assert.ok(events.length > 12, String(events.length));
  for (const [index, { waitMs }] of events.entries()) {
    const middleMs = Math.min(500 * 2 ** index, 60_000);
    assert.ok(waitMs >= middleMs / 2 && waitMs <= middleMs * 1.5, `${waitMs} ms after failure ${index + 1}`);
  }
  assert.ok(new Set(events.map((event) => event.waitMs)).size > 10);
  assert.ok(clock.sleptMs <= 900_000 && clock.sleptMs > 900_000 - 90_000, String(clock.sleptMs));
  assert.equal(faults.calls.stat, events.length + 1);
});

test('the time counts from the first failure, so that a call which takes an hour is still tried again', async () => {
  const { storage, memory, faults, events } = rig(faultOnce('save', 1, { kind: 'lost-answer' }));
  faults.plan = (call) => (call.number === 1 ? { kind: 'lost-answer' } : { kind: 'slow', ms: 3_600_000 });
  await storage.save(file, bytesBody(bytes));
  assert.equal(events.length, 1);
  assert.equal(memory.files.size, 1);
});

test('a clock that is set back does not make it try for ever', async () => {
  const { storage, clock, events } = rig((call) => {
    clock.advance(-3_600_000);
    return call.number > 0 ? { kind: 'fail' } : undefined;
  });
  await assert.rejects(storage.stat(file), { code: 'storage-unreachable' });
  assert.ok(events.length < 40, String(events.length));
});

test('what will fail the same way again is thrown at once', async () => {
  for (const code of ['storage-not-found', 'storage-denied', 'storage-full', 'storage-exists', 'invalid-argument'] as const) {
    const error = new CodedError({ code, message: 'no' });
    for (const operation of ['save', 'load', 'stat', 'list', 'remove'] as const) {
      const { storage, faults } = rig(faultFrom(operation, 1, { kind: 'fail', error }));
      const verbs = {
        save: () => storage.save(file, bytesBody(bytes)),
        load: () => storage.load(file),
        stat: () => storage.stat(file),
        list: () => listed(storage, 'data'),
        remove: () => storage.remove(file),
      };
      await assert.rejects(verbs[operation](), (thrown) => thrown === error);
      assert.equal(faults.calls[operation], 1);
    }
  }
});

test('no time for tries means one try', async () => {
  const { storage, faults, events } = rig(faultFrom('stat', 1, { kind: 'fail' }), { totalMs: 0 });
  await assert.rejects(storage.stat(file), { code: 'storage-unreachable' });
  assert.equal(faults.calls.stat, 1);
  assert.deepEqual(events, []);
});

test('a save that was torn is made again, from the start of the body', async () => {
  const { storage, memory } = rig(faultOnce('save', 1, { kind: 'torn-write', keepBytes: 10, silent: false }));
  let opened = 0;
  const body: Body = {
    sizeBytes: 1000,
    async *open() {
      opened++;
      yield bytes.subarray(0, 400);
      yield bytes.subarray(400);
    },
  };
  await storage.save(file, body);
  assert.equal(opened, 2);
  assert.deepEqual(memory.files.get(`data/${file.name}`), bytes);
});

test('a save whose answer was lost ends well where files cannot be replaced, if the file there is the same', async () => {
  const same = rig(faultOnce('save', 1, { kind: 'lost-answer' }), { appendOnly: true });
  await same.storage.save(file, bytesBody(bytes.subarray(0, 100), bytes.subarray(100)));
  assert.equal(same.faults.calls.save, 2);
  assert.deepEqual(same.memory.files.get(`data/${file.name}`), bytes);

  for (const other of [sampleBytes(1000, 2), bytes.subarray(0, 999), sampleBytes(1001, 1)]) {
    const differs = rig(faultOnce('save', 1, { kind: 'fail' }), { appendOnly: true });
    differs.memory.files.set('config/config', other);
    await assert.rejects(differs.storage.save(sampleFile('config'), bytesBody(bytes)), { code: 'storage-exists' });
  }
  const first = rig(noFaults, { appendOnly: true });
  first.memory.files.set(`data/${file.name}`, bytes);
  await assert.rejects(first.storage.save(file, bytesBody(bytes)), { code: 'storage-exists' });
});

test('a removal whose answer was lost ends well; one of a file that never was does not', async () => {
  const { storage, memory } = rig(faultOnce('remove', 1, { kind: 'lost-answer' }));
  memory.files.set(`data/${file.name}`, bytes);
  await storage.remove(file);
  assert.equal(memory.files.size, 0);
  await assert.rejects(storage.remove(file), { code: 'storage-not-found' });
});

test('a list that breaks off goes on without repeating a name, and each new name gives it new time', async () => {
  // Each list gives one file more than the one before, then breaks off.
  const plan: FaultPlan = (call): Fault => ({ kind: 'fail', afterFiles: call.number });
  const { storage, memory, events } = rig(plan);
  for (let number = 0; number < 100; number++) memory.files.set(`data/${sampleFile('data', number).name}`, bytes);
  const infos: string[] = [];
  await assert.rejects(async () => {
    for await (const info of storage.list('data')) infos.push(info.name);
  });
  assert.equal(infos.length, 100);
  assert.equal(new Set(infos).size, 100);
  assert.ok(events.length > 100);
});

test('an abort ends the wait for the next try with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('stop');
  const { faults } = rig(faultFrom('stat', 1, { kind: 'fail' }));
  const clock = { nowNs: () => 0n, sleep: async (_: number, signal?: AbortSignal) => signal?.throwIfAborted() };
  const storage = new RetryStorage(faults, { clock, random: seededRandom(1), onRetry: () => controller.abort(reason) });
  await assert.rejects(storage.stat(file, { signal: controller.signal }), (error) => error === reason);
  await assert.rejects(Array.fromAsync(storage.list('data', { signal: controller.signal })), (error) => error === reason);
  assert.equal(faults.calls.stat, 1);
});
