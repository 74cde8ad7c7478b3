import assert from 'node:assert/strict';
import { forEachBounded } from '@holdfast/kernel';
import { bytesBody, fileTypes } from '../port/index.ts';
import type { OpenPlace } from './place.ts';
import { placeTest } from './place-test.ts';
import { listed, sampleBytes, sampleFile } from './samples.ts';

/** A list has every file of its type once. */
export function listTests(open: OpenPlace): void {
  placeTest('a new place lists as empty', open, async (storage) => {
    for (const type of fileTypes) assert.deepEqual(await listed(storage, type), []);
  });

  for (const type of ['data', 'snapshot'] as const) {
    placeTest(`a list of 320 ${type} files has each once, with its size`, open, async (storage) => {
      const seeds = Array.from({ length: 320 }, (_, seed) => seed);
      await forEachBounded(seeds, 16, (seed) => storage.save(sampleFile(type, seed), bytesBody(sampleBytes(seed))));
      const expected = new Map(seeds.map((seed) => [sampleFile(type, seed).name, seed]));
      await storage.save(sampleFile('index'), bytesBody(sampleBytes(5)));
      const infos = await listed(storage, type);
      assert.equal(infos.length, 320);
      assert.deepEqual(new Map(infos.map((info) => [info.name, info.sizeBytes])), expected);
      assert.ok(infos.every((info) => info.type === type));
    });
  }

  placeTest('files may be loaded and removed while they are listed', open, async (storage) => {
    for (let seed = 0; seed < 20; seed++) await storage.save(sampleFile('lock', seed), bytesBody(sampleBytes(30, seed)));
    let files = 0;
    for await (const info of storage.list('lock')) {
      assert.equal((await storage.load(info)).byteLength, info.sizeBytes);
      await storage.remove(info);
      files++;
    }
    assert.equal(files, 20);
    assert.deepEqual(await listed(storage, 'lock'), []);
  });

  placeTest('a list may be left early', open, async (storage) => {
    for (let seed = 0; seed < 20; seed++) await storage.save(sampleFile('data', seed), bytesBody(sampleBytes(10)));
    for (let round = 0; round < 20; round++) {
      for await (const info of storage.list('data')) {
        assert.equal(info.type, 'data');
        break;
      }
    }
    assert.equal((await listed(storage, 'data')).length, 20);
  });
}
