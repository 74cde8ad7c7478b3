import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@holdfast/storage/fault';
import fc from 'fast-check';
import { FastRandom } from '../../../../test/support/fast-random.ts';
import { Chunker, compileChunker, maxChunkBytes, minChunkBytes } from './chunker.ts';
import { chunkerDegree, degree, isIrreducible, polynomialMod, randomPolynomial } from './polynomial.ts';

const polynomial = 0x25b468838dcb75n;
const module = compileChunker();
const windowBytes = 64;
const mask = (1n << 20n) - 1n;

/** Where restic cuts, computed a byte after the other as its chunker does it (restic's chunker is the definition of the format). */
function definedCuts(data: Uint8Array): number[] {
  const mod = Array.from({ length: 256 }, (_, i) => polynomialMod(BigInt(i) << 53n, polynomial) | (BigInt(i) << 53n));
  const out = Array.from({ length: 256 }, (_, i) => polynomialMod(BigInt(i) << BigInt(8 * (windowBytes - 1)), polynomial));
  const cuts: number[] = [];
  for (let start = 0; start < data.byteLength; ) {
    const window = new Uint8Array(windowBytes);
    let at = 0;
    let digest = 0n;
    const slide = (byte: number): void => {
      digest ^= out[window[at] as number] as bigint;
      window[at] = byte;
      at = (at + 1) % windowBytes;
      const index = Number(digest >> 45n);
      digest = (((digest << 8n) | BigInt(byte)) & ((1n << 64n) - 1n)) ^ (mod[index] as bigint);
    };
    slide(1);
    let length = minChunkBytes - windowBytes;
    for (; start + length < data.byteLength; ) {
      slide(data[start + length] as number);
      length += 1;
      if (length >= minChunkBytes && ((digest & mask) === 0n || length >= maxChunkBytes)) break;
    }
    start = Math.min(start + length, data.byteLength);
    cuts.push(start);
  }
  return cuts;
}

/** Where the chunker cuts, given more of the data each time as `steps` say. */
function cutsOf(data: Uint8Array, steps: readonly number[] = []): number[] {
  const chunker = new Chunker(polynomial, data.byteLength + 1, module);
  chunker.buffer.set(data);
  const cuts: number[] = [];
  let [start, scanned, end, step] = [0, 0, 0, 0];
  while (start < data.byteLength) {
    const cut = chunker.nextCut(start, scanned, end, end === data.byteLength);
    if (cut > start) {
      cuts.push(cut);
      start = cut;
      scanned = cut;
      continue;
    }
    scanned = end;
    end = Math.min(data.byteLength, end + (steps[step++ % Math.max(1, steps.length)] ?? data.byteLength));
  }
  return cuts;
}

const samples: Readonly<Record<string, () => Uint8Array>> = {
  'random bytes': () => new FastRandom(1).bytes(4_500_000),
  'zeros, which are cut at the least length': () => new Uint8Array(1_300_000),
  'one byte over and over, which is never cut before the greatest length': () => new Uint8Array(maxChunkBytes + 700_000).fill(0x61),
  text: () => Buffer.from(Array.from({ length: 60_000 }, (_, i) => `INSERT INTO t VALUES (${i}, 'row ${i * 7919}');\n`).join('')),
  'exactly the least length': () => new FastRandom(2).bytes(minChunkBytes),
  'one byte less than the least length': () => new FastRandom(3).bytes(minChunkBytes - 1),
  'a byte': () => Uint8Array.of(7),
};

for (const [name, make] of Object.entries(samples)) {
  test(`cuts are where restic's definition has them: ${name}`, () => {
    const data = make();
    assert.deepEqual(cutsOf(data), definedCuts(data));
  });
}

test('cuts do not depend on how much of the data is there at a time', () => {
  const data = new FastRandom(9).bytes(6_000_000);
  const whole = cutsOf(data);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2_000_000 }), { minLength: 1, maxLength: 8 }), (steps) => {
      if (Math.min(...steps) < 1000) steps.push(900_000);
      assert.deepEqual(cutsOf(data, steps), whole);
    }),
    { numRuns: 25 },
  );
});

test('a random polynomial is irreducible and of the degree that restic wants', () => {
  const random = seededRandom(4);
  for (let i = 0; i < 5; i++) {
    const made = randomPolynomial(random);
    assert.equal(degree(made), chunkerDegree);
    assert.ok(isIrreducible(made));
  }
  assert.ok(isIrreducible(polynomial), 'one that restic made');
  assert.ok(!isIrreducible(polynomial ^ 1n), 'divisible by x');
});
