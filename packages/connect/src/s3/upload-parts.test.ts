import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { uploadParts } from './upload-parts.ts';

const mib = 1 << 20;
/** Of a length that no boundary falls together with. */
const pattern = Buffer.from(Array.from({ length: 99_991 }, (_, i) => (i * i) & 0xff));

/** A server that keeps what it is given; one part of it fails if that is wished. */
function place(failingPart?: number): {
  readonly options: Pick<Parameters<typeof uploadParts>[1], 'single' | 'begin'>;
  readonly seen: { single?: Buffer; parts: Map<number, Buffer>; completed?: number[]; aborted: number; most: number };
} {
  const seen: ReturnType<typeof place>['seen'] = { parts: new Map(), aborted: 0, most: 0 };
  let underWay = 0;
  return {
    seen,
    options: {
      single: async (bytes) => {
        seen.single = Buffer.from(bytes);
      },
      begin: async () => ({
        put: async (number, bytes) => {
          seen.most = Math.max(seen.most, ++underWay);
          await new Promise((resolve) => setTimeout(resolve, 5));
          underWay--;
          if (number === failingPart) throw new CodedError({ code: 'storage-io', message: 'no' });
          seen.parts.set(number, Buffer.from(bytes));
          return { PartNumber: number, ETag: `"${number}"` };
        },
        complete: async (parts) => {
          seen.completed = parts.map(({ PartNumber }) => PartNumber ?? 0);
        },
        abort: async () => void seen.aborted++,
      }),
    },
  };
}

function content(sizeBytes: number): Buffer {
  return Buffer.alloc(sizeBytes, pattern);
}

async function* pieces(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

test('a small content is one request, a large one parts of 16 MiB, several at once', async () => {
  for (const sizeBytes of [0, 1, 70_000, 16 * mib - 1]) {
    const { options, seen } = place();
    await uploadParts(pieces(content(sizeBytes), 12_345), { ...options, sizeBytes, atOnce: 3 });
    assert.deepEqual([seen.single?.equals(content(sizeBytes)), seen.parts.size, seen.aborted], [true, 0, 0], `${sizeBytes}`);
  }
  for (const sizeBytes of [16 * mib, 16 * mib + 1, 70 * mib]) {
    const { options, seen } = place();
    await uploadParts(pieces(content(sizeBytes), 3 * mib + 7), { ...options, sizeBytes, atOnce: 3 });
    const parts = [...seen.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
    assert.ok(Buffer.concat(parts).equals(content(sizeBytes)), `${sizeBytes}`);
    assert.ok(parts.slice(0, -1).every(({ byteLength }) => byteLength === 16 * mib));
    assert.deepEqual(
      seen.completed,
      parts.map((_, i) => i + 1),
    );
    assert.ok(seen.most <= 3 && seen.single === undefined && seen.aborted === 0);
  }
});

test('what is not as long as announced, fails, or cannot be stored is taken back', async () => {
  const failure = new Error('the source went away');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield content(40 * mib);
    throw failure;
  }
  const cases = [
    { bytes: () => pieces(content(40 * mib), mib), sizeBytes: 41 * mib, code: 'invalid-argument', aborted: 1 },
    { bytes: () => pieces(content(40 * mib), mib), sizeBytes: 39 * mib, code: 'invalid-argument', aborted: 1 },
    { bytes: () => pieces(content(10), 3), sizeBytes: 11, code: 'invalid-argument', aborted: 0 },
    { bytes: () => pieces(content(10), 3), sizeBytes: 9, code: 'invalid-argument', aborted: 0 },
    { bytes: () => pieces(content(0), 3), sizeBytes: 1, code: 'invalid-argument', aborted: 0 },
    { bytes: failing, sizeBytes: 50 * mib, code: undefined, aborted: 1 },
    { bytes: () => pieces(content(60 * mib), mib), sizeBytes: 60 * mib, code: 'storage-io', aborted: 1, failingPart: 2 },
  ] as const;
  for (const { bytes, sizeBytes, code, aborted, ...more } of cases) {
    const { options, seen } = place('failingPart' in more ? more.failingPart : undefined);
    await assert.rejects(uploadParts(bytes(), { ...options, sizeBytes, atOnce: 2 }), (error) => {
      return code === undefined ? error === failure : error instanceof CodedError && error.code === code;
    });
    assert.deepEqual([seen.single, seen.completed, seen.aborted], [undefined, undefined, aborted], `${sizeBytes}`);
  }
});
