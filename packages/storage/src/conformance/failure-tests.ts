import assert from 'node:assert/strict';
import { type Body, bytesBody, fileTypes } from '../port/index.ts';
import type { OpenPlace } from './place.ts';
import { placeTest } from './place-test.ts';
import { allNames, sampleBytes, sampleFile } from './samples.ts';

/** Failures are told apart, and leave nothing behind. */
export function failureTests(open: OpenPlace): void {
  placeTest('a file that is not there is storage-not-found, and that only', open, async (storage) => {
    for (const type of fileTypes) {
      const absent = sampleFile(type, 1);
      const notFound = { name: 'CodedError', code: 'storage-not-found', retry: 'permanent' };
      await assert.rejects(storage.load(absent), notFound);
      await assert.rejects(storage.load(absent, { offset: 0, length: 1 }), notFound);
      await assert.rejects(storage.stat(absent), notFound);
      await assert.rejects(storage.remove(absent), notFound);
    }
    await storage.save(sampleFile('data', 2), bytesBody(sampleBytes(1)));
    await assert.rejects(storage.load(sampleFile('index', 2)), { code: 'storage-not-found' });
  });

  placeTest('a name that is none is refused, wherever it would lead', open, async (storage) => {
    const hex = sampleFile('data').name;
    for (const name of [
      '',
      '..',
      '../config',
      `${hex}/x`,
      hex.toUpperCase(),
      hex.slice(1),
      `${hex}0`,
      `${hex}-tmp-1`,
      `${hex}\n`,
      'config',
    ]) {
      const file = { type: 'data', name } as const;
      await assert.rejects(storage.save(file, bytesBody(sampleBytes(1))), { code: 'invalid-argument' }, name);
      await assert.rejects(storage.load(file), { code: 'invalid-argument' }, name);
      await assert.rejects(storage.stat(file), { code: 'invalid-argument' }, name);
      await assert.rejects(storage.remove(file), { code: 'invalid-argument' }, name);
    }
    await assert.rejects(storage.stat({ type: 'config', name: hex }), { code: 'invalid-argument' });
    assert.deepEqual(await allNames(storage), []);
  });

  for (const type of fileTypes) {
    placeTest(`a body of type ${type} that fails passes its error on and leaves nothing behind`, open, async (storage) => {
      const failure = new Error('the source went away');
      for (const partsBefore of [0, 1, 40]) {
        await assert.rejects(storage.save(sampleFile(type), failingBody(partsBefore, failure)), (error) => error === failure);
        assert.deepEqual(await allNames(storage), []);
        await assert.rejects(storage.stat(sampleFile(type)), { code: 'storage-not-found' });
      }
    });
  }

  placeTest('a body that is not as long as it says is refused and leaves nothing behind', open, async (storage) => {
    for (const [announced, actual] of [
      [10, 9],
      [10, 11],
      [0, 1],
      [1, 0],
      [5 << 20, (5 << 20) - 1],
      [5 << 20, (5 << 20) + 1],
    ] as const) {
      const body = { ...bytesBody(sampleBytes(actual)), sizeBytes: announced };
      await assert.rejects(storage.save(sampleFile('data'), body), { code: 'invalid-argument' }, `${actual} for ${announced}`);
      assert.deepEqual(await allNames(storage), []);
    }
  });

  placeTest('a save that fails leaves the file that was there before', open, async (storage) => {
    await storage.save(sampleFile('config'), bytesBody(sampleBytes(77, 8)));
    await assert.rejects(storage.save(sampleFile('config'), failingBody(3, new Error('no'))));
    await assert.rejects(storage.save(sampleFile('config'), { ...bytesBody(sampleBytes(9)), sizeBytes: 10 }));
    assert.deepEqual(await storage.load(sampleFile('config')), sampleBytes(77, 8));
  });
}

function failingBody(partsBefore: number, failure: Error): Body {
  return {
    sizeBytes: (partsBefore + 1) << 20,
    async *open() {
      for (let part = 0; part < partsBefore; part++) yield sampleBytes(1 << 20, part);
      throw failure;
    },
  };
}
