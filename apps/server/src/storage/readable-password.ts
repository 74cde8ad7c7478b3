import type { RandomSource } from '@holdfast/kernel';

/** Digits and letters without those that look alike: 32 of them, five bits each. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** A password of 260 random bits that a person can copy from paper: `k3qf-…`, thirteen groups of four. */
export function readablePassword(random: RandomSource): string {
  const group = (): string => Array.from({ length: 4 }, () => alphabet[random.below(alphabet.length)]).join('');
  return Array.from({ length: 13 }, group).join('-');
}
