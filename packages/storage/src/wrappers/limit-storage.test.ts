import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { listed, sampleBytes, sampleFile } from '../conformance/samples.ts';
import { storageConformance } from '../conformance/storage-conformance.ts';
import { MemoryStorage } from '../memory/memory-storage.ts';
import { bytesBody, type FileRef } from '../port/index.ts';
import { InstantClock } from './fault-storage.ts';
import { LimitStorage } from './limit-storage.ts';

/** Counts how many stats are under way at once; each takes a few turns of the event loop. */
class CountingStorage extends MemoryStorage {
  underWay = 0;
  most = 0;

  override async stat(file: FileRef) {
    this.underWay++;
    this.most = Math.max(this.most, this.underWay);
    for (let round = 0; round < 3; round++) await turn();
    this.underWay--;
    return await super.stat(file);
  }
}

for (const [name, rates] of [
  ['one connection', {}],
  ['one connection and 1 MB/s each way', { uploadBytesPerSecond: 1e6, downloadBytesPerSecond: 1e6 }],
] as const) {
  storageConformance(`limit to ${name} over memory`, async () => {
    const memory = new MemoryStorage();
    const open = (): LimitStorage => new LimitStorage(memory, { clock: new InstantClock(), connections: 1, ...rates });
    return { storage: open(), reopen: async () => open(), cleanup: async () => memory.files.clear() };
  });
}

test('no more calls are under way than there are connections; locks pass freely', async () => {
  const inner = new CountingStorage();
  for (const type of ['data', 'lock'] as const) inner.files.set(`${type}/${sampleFile(type).name}`, sampleBytes(1));
  await using storage = new LimitStorage(inner, { clock: new InstantClock(), connections: 3 });
  assert.equal(storage.properties.connections, 3);
  await Promise.all(Array.from({ length: 20 }, () => storage.stat(sampleFile('data'))));
  assert.equal(inner.most, 3);
  const packs = Array.from({ length: 20 }, () => storage.stat(sampleFile('data')));
  await Promise.all(Array.from({ length: 5 }, () => storage.stat(sampleFile('lock'))));
  assert.ok(inner.most > 3 && inner.most <= 8, String(inner.most));
  await Promise.all(packs);
});

test('calls that fail give their connection back', async () => {
  await using storage = new LimitStorage(new MemoryStorage(), { clock: new InstantClock(), connections: 2 });
  for (let round = 0; round < 5; round++) await assert.rejects(storage.load(sampleFile('data')), { code: 'storage-not-found' });
  assert.deepEqual(await listed(storage, 'data'), []);
});

test('an abort ends the wait for a connection', async () => {
  const inner = new CountingStorage();
  inner.files.set(`data/${sampleFile('data').name}`, sampleBytes(1));
  await using storage = new LimitStorage(inner, { clock: new InstantClock(), connections: 1 });
  const controller = new AbortController();
  const reason = new Error('stop');
  const first = storage.stat(sampleFile('data'));
  const second = storage.stat(sampleFile('data'), { signal: controller.signal });
  const third = storage.stat(sampleFile('data'));
  controller.abort(reason);
  await assert.rejects(second, (error) => error === reason);
  await Promise.all([first, third]);
  assert.equal(inner.most, 1);
});

test('bytes keep to the rate, shared by all who upload or download; locks pass freely', async () => {
  const clock = new InstantClock();
  await using storage = new LimitStorage(new MemoryStorage(), {
    clock,
    connections: 4,
    uploadBytesPerSecond: 1e6,
    downloadBytesPerSecond: 2e6,
  });
  const seconds = async (work: () => Promise<unknown>): Promise<number> => {
    const startNs = clock.nowNs();
    await work();
    return Number(clock.nowNs() - startNs) / 1e9;
  };
  const seeds = [1, 2, 3, 4];
  const upload = await seconds(() =>
    Promise.all(seeds.map((seed) => storage.save(sampleFile('data', seed), bytesBody(sampleBytes(2_500_000, seed))))),
  );
  // Sleeps of the instant clock follow one another, so that time passes at least as fast as at the rate, never slower.
  assert.ok(upload >= 9.98, String(upload));
  const one = await seconds(() => storage.save(sampleFile('data', 5), bytesBody(sampleBytes(3_000_000))));
  assert.ok(one >= 2.98 && one <= 3.02, String(one));
  const download = await seconds(async () => assert.equal((await storage.load(sampleFile('data', 5))).byteLength, 3_000_000));
  assert.ok(download >= 1.49 && download <= 1.51, String(download));
  assert.equal(await seconds(() => storage.save(sampleFile('lock'), bytesBody(sampleBytes(500_000)))), 0);
});

test('a clock that is set back stops no upload', async () => {
  const clock = new InstantClock();
  clock.advance(7_200_000);
  await using storage = new LimitStorage(new MemoryStorage(), { clock, uploadBytesPerSecond: 1e6 });
  await storage.save(sampleFile('data', 1), bytesBody(sampleBytes(100_000)));
  clock.advance(-3_600_000);
  const sleptMs = clock.sleptMs;
  await storage.save(sampleFile('data', 2), bytesBody(sampleBytes(100_000)));
  assert.ok(clock.sleptMs - sleptMs < 250, String(clock.sleptMs - sleptMs));
});

test('limits must be above zero', () => {
  const clock = new InstantClock();
  for (const limits of [{ connections: 0 }, { connections: 0.5 }, { uploadBytesPerSecond: 0 }, { downloadBytesPerSecond: Number.NaN }]) {
    assert.throws(() => new LimitStorage(new MemoryStorage(), { clock, ...limits }), { code: 'invalid-argument' });
  }
});
