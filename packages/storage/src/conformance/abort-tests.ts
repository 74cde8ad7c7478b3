import assert from 'node:assert/strict';
import { bytesBody } from '../port/index.ts';
import type { OpenPlace } from './place.ts';
import { placeTest } from './place-test.ts';
import { allNames, sampleBytes, sampleFile } from './samples.ts';

/** An abort ends a call with the signal's reason, and an aborted call changes nothing. */
export function abortTests(open: OpenPlace): void {
  placeTest('a call with an aborted signal does nothing but reject with its reason', open, async (storage) => {
    const file = sampleFile('data');
    await storage.save(file, bytesBody(sampleBytes(10)));
    const reason = new Error('stop');
    const options = { signal: AbortSignal.abort(reason) };
    const isReason = (error: unknown): boolean => error === reason;
    await assert.rejects(storage.create(options), isReason);
    await assert.rejects(storage.save(sampleFile('data', 1), bytesBody(sampleBytes(10)), options), isReason);
    await assert.rejects(storage.load(file, undefined, options), isReason);
    await assert.rejects(storage.stat(file, options), isReason);
    await assert.rejects(Array.fromAsync(storage.list('data', options)), isReason);
    await assert.rejects(storage.remove(file, options), isReason);
    assert.deepEqual(await allNames(storage), [`data/${file.name}`]);
  });

  placeTest('a save aborted midway rejects with the reason and leaves nothing behind', open, async (storage) => {
    for (const abortAtPart of [0, 1, 19, 39]) {
      const controller = new AbortController();
      const reason = new Error(`stop at ${abortAtPart}`);
      const body = {
        sizeBytes: 40 << 20,
        async *open() {
          for (let part = 0; part < 40; part++) {
            if (part === abortAtPart) controller.abort(reason);
            yield new Uint8Array(1 << 20);
          }
        },
      };
      await assert.rejects(storage.save(sampleFile('data'), body, { signal: controller.signal }), (error) => error === reason);
      assert.deepEqual(await allNames(storage), []);
    }
  });

  placeTest('a list aborted midway rejects with the reason', open, async (storage) => {
    for (let seed = 0; seed < 10; seed++) await storage.save(sampleFile('data', seed), bytesBody(sampleBytes(10)));
    const controller = new AbortController();
    const reason = new Error('stop');
    let files = 0;
    const walk = async (): Promise<void> => {
      for await (const info of storage.list('data', { signal: controller.signal })) {
        assert.equal(info.sizeBytes, 10);
        if (++files === 3) controller.abort(reason);
      }
    };
    await assert.rejects(walk(), (error) => error === reason);
    assert.equal(files, 3);
  });

  placeTest('a signal that is never aborted changes nothing', open, async (storage) => {
    const options = { signal: new AbortController().signal };
    await storage.save(sampleFile('lock'), bytesBody(sampleBytes(10)), options);
    assert.deepEqual(await storage.load(sampleFile('lock'), { offset: 2, length: 3 }, options), sampleBytes(10).slice(2, 5));
    assert.equal((await Array.fromAsync(storage.list('lock', options))).length, 1);
    await storage.remove(sampleFile('lock'), options);
  });
}
