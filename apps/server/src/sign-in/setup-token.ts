import { createHash, timingSafeEqual } from 'node:crypto';
import { type RandomSource, Secret } from '@holdfast/kernel';

/** Whoever can read the console owns the machine. Until an administrator exists, a server that others can reach asks for this. */
export class SetupToken {
  readonly secret: Secret;

  constructor(random: RandomSource) {
    this.secret = new Secret(Buffer.from(random.bytes(18)).toString('base64url'));
  }

  matches(given: string | undefined): boolean {
    return given !== undefined && timingSafeEqual(digest(given.trim()), digest(this.secret.reveal()));
  }
}

function digest(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
