import { createHash } from 'node:crypto';

/** A random generator for tests that can be repeated: the same seed gives the same choices. */
export class SeededRandom {
  readonly seed: string;
  #counter = 0;

  constructor(seed: string) {
    this.seed = seed;
  }

  /** A whole number, 0 ≤ n < limit. */
  below(limit: number): number {
    const digest = createHash('sha256')
      .update(`${this.seed} ${this.#counter++}`)
      .digest();
    return Number(digest.readBigUInt64LE() % BigInt(limit));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  bytes(count: number): Buffer {
    const blocks: Buffer[] = [];
    for (let have = 0; have < count; have += 64)
      blocks.push(
        createHash('sha512')
          .update(`${this.seed} ${this.#counter++}`)
          .digest(),
      );
    return Buffer.concat(blocks).subarray(0, count);
  }
}
