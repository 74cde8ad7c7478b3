import assert from 'node:assert/strict';
import { bytesBody, fileTypes } from '../port/index.ts';
import type { OpenPlace } from './place.ts';
import { placeTest } from './place-test.ts';
import { allNames, listed, sampleBytes, sampleFile } from './samples.ts';

const bigBytes = 17 << 20;

/** What was saved is loaded, found, listed and removed. */
export function roundTripTests(open: OpenPlace): void {
  for (const type of fileTypes) {
    placeTest(
      `a file of type ${type} is saved, loaded, found, listed and removed (or kept, where the storage says so)`,
      open,
      async (storage) => {
        const file = sampleFile(type);
        const bytes = sampleBytes(1000, 1);
        await storage.save(file, bytesBody(bytes));
        assert.deepEqual(await storage.load(file), bytes);
        assert.deepEqual(await storage.stat(file), { ...file, sizeBytes: 1000 });
        assert.deepEqual(await listed(storage, type), [{ ...file, sizeBytes: 1000 }]);
        assert.deepEqual(await allNames(storage), [`${type}/${file.name}`]);
        if (storage.properties.appendOnly && type !== 'lock') {
          await assert.rejects(storage.remove(file), { code: 'storage-denied' });
          assert.deepEqual(await storage.load(file), bytes);
        } else {
          await storage.remove(file);
          assert.deepEqual(await allNames(storage), []);
        }
      },
    );
  }

  for (const sizeBytes of [0, 1, bigBytes]) {
    placeTest(`a body of ${sizeBytes} bytes comes back as it was`, open, async (storage) => {
      const bytes = sampleBytes(sizeBytes, 2);
      await storage.save(sampleFile('data'), bytesBody(bytes));
      const loaded = await storage.load(sampleFile('data'));
      assert.equal(Buffer.compare(loaded, bytes), 0);
      assert.equal((await storage.stat(sampleFile('data'))).sizeBytes, sizeBytes);
    });
  }

  placeTest('a body of 5000 uneven parts, some of them empty, comes back as one', open, async (storage) => {
    const parts = Array.from({ length: 5000 }, (_, index) => sampleBytes((index * 7919) % 613, index));
    await storage.save(sampleFile('index'), bytesBody(...parts));
    assert.equal(Buffer.compare(await storage.load(sampleFile('index')), Buffer.concat(parts)), 0);
  });

  placeTest('what is loaded belongs to the caller, in an ArrayBuffer of its own', open, async (storage) => {
    const given = sampleBytes(500, 3);
    await storage.save(sampleFile('data'), bytesBody(given));
    const expected = given.slice();
    given.fill(0);
    const loaded = await storage.load(sampleFile('data'));
    assert.equal(loaded.buffer.byteLength, 500);
    loaded.fill(0);
    assert.deepEqual(await storage.load(sampleFile('data')), expected);
    assert.equal((await storage.load(sampleFile('data'), { offset: 3, length: 5 })).buffer.byteLength, 5);
  });

  for (const kind of [ArrayBuffer, SharedArrayBuffer]) {
    placeTest(
      `memory given for what is loaded holds it at its beginning, or is ignored, and nothing beside it is touched (${kind.name})`,
      open,
      async (storage) => {
        const bytes = sampleBytes(500, 8);
        await storage.save(sampleFile('data'), bytesBody(bytes));
        for (const [intoBytes, range] of [
          [500, undefined],
          [900, undefined],
          [499, undefined],
          [0, undefined],
          [7, { offset: 3, length: 5 }],
          [4, { offset: 3, length: 5 }],
        ] as const) {
          const around = new Uint8Array(new kind(intoBytes + 20)).fill(0xee);
          const into = around.subarray(10, 10 + intoBytes);
          const loaded = await storage.load(sampleFile('data'), range, { into, fresh: intoBytes > 500 });
          const end = range === undefined ? 500 : range.offset + range.length;
          assert.equal(Buffer.compare(loaded, bytes.subarray(range?.offset ?? 0, end)), 0);
          const isInto = loaded.buffer === into.buffer;
          if (isInto) assert.equal(loaded.byteOffset, 10, `${loaded.byteLength} bytes into ${intoBytes}`);
          else assert.equal(loaded.buffer.byteLength, loaded.byteLength);
          const beside = [...around.subarray(0, 10), ...around.subarray(10 + intoBytes)];
          assert.ok(beside.every((byte) => byte === 0xee));
        }
      },
    );
  }

  placeTest('a file saved twice is replaced or refused, as the storage says of itself', open, async (storage) => {
    const file = sampleFile('config');
    await storage.save(file, bytesBody(sampleBytes(300, 4)));
    const again = storage.save(file, bytesBody(sampleBytes(200, 5)));
    if (storage.properties.atomicReplace) await again;
    else await assert.rejects(again, { code: 'storage-exists' });
    assert.deepEqual(await storage.load(file), storage.properties.atomicReplace ? sampleBytes(200, 5) : sampleBytes(300, 4));
    assert.equal((await listed(storage, 'config')).length, 1);
  });

  placeTest('creating again harms nothing', open, async (storage) => {
    await storage.save(sampleFile('key'), bytesBody(sampleBytes(10)));
    await storage.create();
    assert.deepEqual(await storage.load(sampleFile('key')), sampleBytes(10));
  });

  placeTest('one who opens the place again sees everything', open, async (storage, place) => {
    for (const type of fileTypes) await storage.save(sampleFile(type), bytesBody(sampleBytes(64, 6)));
    await using second = await place.reopen();
    assert.deepEqual(await allNames(second), await allNames(storage));
    for (const type of fileTypes) assert.deepEqual(await second.load(sampleFile(type)), sampleBytes(64, 6));
    await second.remove(sampleFile('lock'));
    await assert.rejects(storage.stat(sampleFile('lock')), { code: 'storage-not-found' });
  });
}
