import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { bytesBody } from '../port/index.ts';
import { seededRandom } from '../wrappers/seeded-random.ts';
import type { OpenPlace } from './place.ts';
import { placeTest } from './place-test.ts';
import { sampleBytes, sampleFile } from './samples.ts';

const fileBytes = 300_000;

/** A load gives exactly the range, or an error. */
export function rangeTests(open: OpenPlace): void {
  placeTest('any range inside the file is exactly those bytes', open, async (storage) => {
    const file = sampleFile('data');
    const bytes = sampleBytes(fileBytes, 7);
    await storage.save(file, bytesBody(bytes));
    const check = async (offset: number, length: number, about: string): Promise<void> => {
      const loaded = await storage.load(file, { offset, length });
      assert.equal(Buffer.compare(loaded, bytes.subarray(offset, offset + length)), 0, `${length} bytes at ${offset} ${about}`);
    };
    for (const [offset, length] of [
      [0, fileBytes],
      [0, 0],
      [0, 1],
      [fileBytes - 1, 1],
      [fileBytes, 0],
    ] as const)
      await check(offset, length, '');
    const seed = process.env['HOLDFAST_SEED'] ?? String(randomInt(2 ** 32));
    const random = seededRandom(seed);
    for (let round = 0; round < 60; round++) {
      const offset = random.below(fileBytes + 1);
      await check(offset, random.below(fileBytes - offset + 1), `(HOLDFAST_SEED=${seed})`);
    }
  });

  placeTest('a range that ends behind the file is a short read, and never fewer bytes', open, async (storage) => {
    const file = sampleFile('data');
    await storage.save(file, bytesBody(sampleBytes(100)));
    for (const [offset, length] of [
      [0, 101],
      [99, 2],
      [100, 1],
      [101, 0],
      [5000, 10],
      [0, 2 ** 45],
      [2 ** 45, 1],
    ] as const) {
      await assert.rejects(storage.load(file, { offset, length }), { code: 'storage-short-read' }, `${length} bytes at ${offset}`);
    }
  });

  placeTest('a range that cannot be is refused', open, async (storage) => {
    const file = sampleFile('data');
    await storage.save(file, bytesBody(sampleBytes(100)));
    for (const [offset, length] of [
      [-1, 1],
      [0, -1],
      [0.5, 1],
      [0, Number.NaN],
      [Number.POSITIVE_INFINITY, 1],
    ] as const) {
      await assert.rejects(storage.load(file, { offset, length }), { code: 'invalid-argument' }, `${length} bytes at ${offset}`);
    }
  });
}
