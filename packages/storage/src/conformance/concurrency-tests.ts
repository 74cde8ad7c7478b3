import assert from 'node:assert/strict';
import { CodedError } from '@holdfast/kernel';
import { bytesBody } from '../port/index.ts';
import type { OpenPlace } from './place.ts';
import { placeTest } from './place-test.ts';
import { allNames, listed, sampleBytes, sampleFile } from './samples.ts';

/** Calls at the same time do not see each other's half-done work. */
export function concurrencyTests(open: OpenPlace): void {
  placeTest('saves of one name at the same time leave one whole file', open, async (storage) => {
    const file = sampleFile('data');
    const bytes = sampleBytes(1 << 20, 9);
    const saves = await Promise.allSettled(Array.from({ length: 8 }, () => storage.save(file, bytesBody(bytes))));
    assert.ok(saves.some((save) => save.status === 'fulfilled'));
    for (const save of saves) assert.ok(save.status === 'fulfilled' || CodedError.is(save.reason, 'storage-exists'), String(save));
    assert.equal(Buffer.compare(await storage.load(file), bytes), 0);
    assert.deepEqual(await allNames(storage), [`data/${file.name}`]);
  });

  placeTest('a list at the same time as saves has only whole files, and all that were there before', open, async (storage) => {
    const bytes = sampleBytes(200_000, 10);
    const old = Array.from({ length: 20 }, (_, seed) => sampleFile('data', seed));
    for (const file of old) await storage.save(file, bytesBody(bytes));
    const saves = Array.from({ length: 60 }, (_, seed) => storage.save(sampleFile('data', 100 + seed), bytesBody(bytes)));
    for (let round = 0; round < 10; round++) {
      const infos = await listed(storage, 'data');
      const names = new Set(infos.map((info) => info.name));
      assert.equal(names.size, infos.length);
      for (const file of old) assert.ok(names.has(file.name));
      for (const info of infos) assert.equal(info.sizeBytes, bytes.byteLength);
    }
    await Promise.all(saves);
    assert.equal((await listed(storage, 'data')).length, 80);
  });

  placeTest('many saves, loads and removals at the same time keep each to itself', open, async (storage) => {
    const one = async (seed: number): Promise<void> => {
      const file = sampleFile(seed % 2 === 0 ? 'data' : 'lock', seed);
      const bytes = sampleBytes(5000 + seed, seed);
      await storage.save(file, bytesBody(bytes));
      assert.deepEqual(await storage.load(file), bytes);
      if (seed % 4 === 1) await storage.remove(file);
    };
    await Promise.all(Array.from({ length: 100 }, (_, seed) => one(seed)));
    assert.equal((await listed(storage, 'data')).length, 50);
    assert.equal((await listed(storage, 'lock')).length, 25);
  });
}
