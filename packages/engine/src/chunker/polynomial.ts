import type { RandomSource } from '@holdfast/kernel';

/** Degree of every chunker polynomial. */
export const chunkerDegree = 53;

/** Polynomials over GF(2) as bigints: bit i is the coefficient of x^i. */
export function degree(polynomial: bigint): number {
  return polynomial.toString(2).length - 1 - (polynomial === 0n ? 1 : 0);
}

/** The remainder of a division. */
export function polynomialMod(dividend: bigint, divisor: bigint): bigint {
  const divisorDegree = degree(divisor);
  let rest = dividend;
  for (let over = degree(rest) - divisorDegree; over >= 0; over--) {
    if ((rest >> BigInt(over + divisorDegree)) & 1n) rest ^= divisor << BigInt(over);
  }
  return rest;
}

function multiplyMod(a: bigint, b: bigint, modulus: bigint): bigint {
  let product = 0n;
  let shifted = a;
  for (let rest = b; rest > 0n; rest >>= 1n) {
    if (rest & 1n) product ^= shifted;
    shifted <<= 1n;
  }
  return polynomialMod(product, modulus);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, polynomialMod(x, y)];
  return x;
}

/** Ben-Or's test: irreducible when x^(2^i) − x shares no factor with it, for i up to half its degree. */
export function isIrreducible(polynomial: bigint): boolean {
  const n = degree(polynomial);
  if (n < 1) return false;
  let power = polynomialMod(2n, polynomial);
  for (let i = 1; i <= n / 2; i++) {
    power = multiplyMod(power, power, polynomial);
    if (greatestCommonDivisor(polynomial, power ^ 2n) !== 1n) return false;
  }
  return true;
}

/** A random irreducible polynomial of degree 53. About one in 27 candidates is one. */
export function randomPolynomial(random: RandomSource): bigint {
  for (;;) {
    const bytes = Buffer.from(random.bytes(8));
    const candidate = (bytes.readBigUInt64LE() & ((1n << BigInt(chunkerDegree + 1)) - 1n)) | (1n << BigInt(chunkerDegree)) | 1n;
    if (isIrreducible(candidate)) return candidate;
  }
}
