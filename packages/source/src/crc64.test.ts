import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Crc64, ecmaCrc64, redisCrc64 } from './crc64.ts';

const check = Buffer.from('123456789');

test('the published check values', () => {
  const values = [
    [redisCrc64, 0xe9c6d914c4b8d9can],
    [ecmaCrc64, 0x995dc9bbdf1939fan],
  ] as const;
  for (const [form, value] of values) {
    const crc = new Crc64(form);
    crc.update(check);
    assert.equal(crc.value, value);
  }
});

test('the same value, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, one, two) => {
      const [first = 0, second = 0] = [one % (bytes.length + 1), two % (bytes.length + 1)].sort((a, b) => a - b);
      const whole = new Crc64(ecmaCrc64);
      whole.update(bytes);
      const cut = new Crc64(ecmaCrc64);
      for (const part of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) cut.fork().update(part);
      for (const part of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) cut.update(part);
      assert.equal(cut.value, whole.value);
    }),
  );
});
