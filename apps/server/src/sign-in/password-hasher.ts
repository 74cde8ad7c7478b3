import { type Argon2Parameters, argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { RandomSource } from '@holdfast/kernel';
import { Gate } from './gate.ts';

const deriveArgon2 = promisify(argon2) as (algorithm: 'argon2id', parameters: Argon2Parameters) => Promise<Buffer>;

/** OWASP's second setting: 19 MiB and two passes. */
const current = { memoryKib: 19_456, passes: 2, lanes: 1 };

/**
 * Hashes passwords with argon2id, as `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. At most two at a time, so that a flood of sign-ins takes 40 MB
 * and two threads, not the machine.
 */
export class PasswordHasher {
  readonly #gate = new Gate(2);
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  async hash(password: string): Promise<string> {
    const salt = this.#random.bytes(16);
    const { memoryKib, passes, lanes } = current;
    const hash = await this.#derive(password, salt, memoryKib, passes, lanes, 32);
    return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${base64(salt)}$${base64(hash)}`;
  }

  /** Whether that is the password. A stored text of another form is no password's. */
  async verify(password: string, stored: string): Promise<boolean> {
    const parts = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([\w+/]{8,})\$([\w+/]{16,})$/.exec(stored);
    if (parts === null) return false;
    const expected = Buffer.from(String(parts[5]), 'base64');
    const salt = Buffer.from(String(parts[4]), 'base64');
    const found = await this.#derive(password, salt, Number(parts[1]), Number(parts[2]), Number(parts[3]), expected.length);
    return timingSafeEqual(found, expected);
  }

  async #derive(password: string, nonce: Uint8Array, memory: number, passes: number, parallelism: number, tagLength: number) {
    const message = Buffer.from(password.normalize('NFKC'));
    return await this.#gate.run(() => deriveArgon2('argon2id', { message, nonce, memory, passes, parallelism, tagLength }));
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
