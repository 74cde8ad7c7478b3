import assert from 'node:assert/strict';
import { test } from 'node:test';
import koffi from 'koffi';
import { lastingMemory } from './lasting-memory.ts';

test('lasting memory has its size, is shared, zero and begins at a huge page', () => {
  for (const sizeBytes of [1, 4096, (3 << 20) + 5]) {
    const memory = lastingMemory(sizeBytes);
    assert.equal(memory.byteLength, sizeBytes);
    assert.ok(memory.buffer instanceof SharedArrayBuffer);
    assert.ok(memory.every((byte) => byte === 0));
    assert.equal(BigInt(koffi.address(memory)) % BigInt(2 << 20), 0n);
  }
});
