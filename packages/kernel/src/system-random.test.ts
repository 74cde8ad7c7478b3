import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from './system-random.ts';

test('random bytes are as many as asked for, and fresh each time', () => {
  assert.equal(systemRandom.bytes(0).byteLength, 0);
  assert.notDeepEqual(systemRandom.bytes(32), systemRandom.bytes(32));
});

test('a random number is below its limit and reaches every value', () => {
  const seen = new Set(Array.from({ length: 500 }, () => systemRandom.below(4)));
  assert.deepEqual([...seen].sort(), [0, 1, 2, 3]);
});
