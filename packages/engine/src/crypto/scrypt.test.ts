import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scrypt, scryptByOpenssl } from './scrypt.ts';

/** RFC 7914, section 12: the last two of its four vectors; the first two are too small for threads. */
test('the vectors of RFC 7914 come out', async () => {
  const vectors = [
    ['pleaseletmein', 'SodiumChloride', { N: 16384, r: 8, p: 1 }, '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2'],
    ['password', 'NaCl', { N: 1024, r: 8, p: 16 }, 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162'],
  ] as const;
  for (const [password, salt, parameters, start] of vectors) {
    const key = await scrypt(password, Buffer.from(salt), 64, parameters);
    assert.equal(Buffer.from(key).toString('hex').slice(0, 64), start);
  }
});

test('every key is the one that OpenSSL derives', async () => {
  const parameters = fc.record({
    N: fc.integer({ min: 1, max: 14 }).map((bits) => 2 ** bits),
    r: fc.integer({ min: 1, max: 12 }),
    p: fc.integer({ min: 1, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.string(),
      fc.uint8Array({ maxLength: 80 }),
      fc.integer({ min: 1, max: 100 }),
      parameters,
      async (word, salt, bytes, cost) => {
        const derived = await scrypt(word, salt, bytes, cost);
        assert.deepEqual(Buffer.from(derived), Buffer.from(await scryptByOpenssl(word, salt, bytes, cost)));
      },
    ),
    { numRuns: 40 },
  );
});

test('parameters that cannot be are refused, those that are too large for threads are not tried there', async () => {
  for (const parameters of [
    { N: 3, r: 8, p: 100_000 },
    { N: 0, r: 8, p: 1 },
    { N: 65536, r: 0, p: 1 },
    { N: 2 ** 40, r: 8, p: 1 },
    { N: 32768, r: 2 ** 27, p: 2 ** 27 },
  ]) {
    await assert.rejects(scrypt('word', Buffer.from('salt'), 64, parameters), (error) => error instanceof Error);
  }
});
