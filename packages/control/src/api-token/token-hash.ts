import { createHash } from 'node:crypto';

/** What is kept of a token. It has 256 random bits, so that a plain hash cannot be searched. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}
