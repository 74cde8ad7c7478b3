import { randomBytes, randomInt } from 'node:crypto';
import type { RandomSource } from './random-source.ts';

/** The operating system's cryptographic generator. */
export const systemRandom: RandomSource = {
  bytes: (count) => randomBytes(count),
  below: (limit) => randomInt(limit),
};
