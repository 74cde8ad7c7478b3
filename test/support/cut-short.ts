import assert from 'node:assert/strict';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { collect, inPieces } from './source-streams.ts';

/** A layer that passes a dump on and throws at its end unless it is whole. */
export type Verify = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '100');
/** Every cut is tried as long as there are not more than that; else those near the ends and a sample of the others. */
const exhaustiveLimit = 4_000;
const nearEnds = 1_000;

/** Proves that the whole dump passes, in pieces of any size, and that none of its beginnings does. */
export async function assertCutsAreNoticed(whole: Uint8Array, verify: Verify): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 70_000 }), async (pieceBytes) => {
      const passed = await collect(verify(inPieces(whole, pieceBytes)));
      assert.ok(passed.equals(whole), `in pieces of ${pieceBytes} bytes other bytes came out`);
    }),
    { numRuns: Math.min(runs, 20), verbose: 1 },
  );
  const size = whole.byteLength;
  const all = Array.from({ length: Math.min(size, exhaustiveLimit) }, (_, at) => at);
  const cuts = size <= exhaustiveLimit ? all : all.slice(0, nearEnds).flatMap((at) => [at, size - 1 - at]);
  for (const cut of cuts) await assertIncomplete(whole.subarray(0, cut), verify, cut);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: size - 1 }), fc.integer({ min: 1, max: 70_000 }), async (cut, pieceBytes) => {
      await assertIncomplete(whole.subarray(0, cut), verify, cut, pieceBytes);
    }),
    { numRuns: runs, verbose: 1 },
  );
}

async function assertIncomplete(bytes: Uint8Array, verify: Verify, cut: number, pieceBytes?: number): Promise<void> {
  const error = await collect(verify(inPieces(bytes, pieceBytes))).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(CodedError.is(error, 'source-incomplete'), `cut after ${cut} bytes: ${String(error)}`);
}
