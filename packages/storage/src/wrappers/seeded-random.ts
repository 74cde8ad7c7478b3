import { createHash } from 'node:crypto';
import type { RandomSource } from '@holdfast/kernel';

/** The same bytes and numbers for the same seed, for tests: SHA-256 of the seed and a counter. */
export function seededRandom(seed: string | number): RandomSource {
  let counter = 0;
  const block = (): Buffer => createHash('sha256').update(`${seed}/${counter++}`).digest();
  return {
    bytes: (count) => {
      const blocks = Array.from({ length: Math.ceil(count / 32) }, block);
      return new Uint8Array(Buffer.concat(blocks).subarray(0, count));
    },
    // 48 bits against a limit that is far smaller: the unevenness does not matter to a test.
    below: (limit) => block().readUIntBE(0, 6) % limit,
  };
}
