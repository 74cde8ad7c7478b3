/** Randomness as a port, so that tests can print a seed. */
export interface RandomSource {
  /** Fresh bytes, unpredictable in production. */
  bytes(count: number): Uint8Array;
  /** A whole number, 0 ≤ n < limit, evenly spread. */
  below(limit: number): number;
}
