import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from './hex.ts';

test('bytes survive hexadecimal, also as a view into a larger buffer', () => {
  const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? 100);
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(8), (bytes, offset) => {
      const view = new Uint8Array(bytes.byteLength + 16).subarray(offset, offset + bytes.byteLength);
      view.set(bytes);
      const text = toHex(view);
      assert.match(text, /^(?:[0-9a-f]{2})*$/);
      assert.deepEqual(new Uint8Array(fromHex(text)), new Uint8Array(bytes));
    }),
    { numRuns },
  );
});
