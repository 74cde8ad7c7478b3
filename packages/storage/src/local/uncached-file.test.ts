import assert from 'node:assert/strict';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { sampleBytes } from '../conformance/samples.ts';
import { PlainFile } from './plain-file.ts';
import { AlignedBuffers, UncachedFile } from './uncached-file.ts';

/** Memory that begins one byte behind a page, which no file system takes for a write around the cache. */
class MisalignedBuffers extends AlignedBuffers {
  override take(): Uint8Array {
    return super.take().subarray(1);
  }
}

const around = fc.oneof(fc.nat(10_000), fc.constantFrom(0, 4095, 4096, 4097, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 9_000_000));
const source = sampleBytes(20_000_000);

for (const [memory, makeBuffers] of [
  ['memory that begins at a page', () => new AlignedBuffers()],
  ['memory that the file system refuses', () => new MisalignedBuffers()],
] as const) {
  test(`whatever the sizes of the parts, the file is all of them in order, from ${memory}`, async () => {
    const path = await mkdtemp(join(tmpdir(), 'holdfast-uncached-'));
    const buffers = makeBuffers();
    let number = 0;
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(around, { maxLength: 3 }), { maxLength: 3 }), async (appends) => {
          const target = join(path, String(number++));
          const file = await UncachedFile.beside(new PlainFile(await open(target, 'wx')), target, buffers);
          let sizeBytes = 0;
          const written: Uint8Array[] = [];
          for (const sizes of appends) {
            const parts = sizes.map((size) => source.subarray(sizeBytes % 1000, (sizeBytes % 1000) + size));
            written.push(...parts);
            sizeBytes += sizes.reduce((sum, size) => sum + size, 0);
            await file.append(parts);
          }
          await file.sync();
          await file.close();
          assert.equal(Buffer.compare(await readFile(target), Buffer.concat(written)), 0);
          await rm(target);
        }),
        { numRuns: 40 },
      );
    } finally {
      await rm(path, { recursive: true });
    }
  });
}
