import { createHash, timingSafeEqual } from 'node:crypto';
import { CodedError } from '@holdfast/kernel';

const keyBytes = 32;

/** The key that wraps the data keys of all secrets. Printed it is its id. */
export class MasterKey {
  /** 16 hexadecimal digits that tell keys apart and nothing about them. */
  readonly id: string;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    if (bytes.byteLength !== keyBytes)
      throw new CodedError({ code: 'internal', message: `A master key has ${keyBytes} bytes, not ${bytes.byteLength}` });
    this.#bytes = Uint8Array.from(bytes);
    this.id = createHash('sha256').update('holdfast master key id\0').update(bytes).digest('hex').slice(0, 16);
  }

  /** From text as a person keeps it: 64 hexadecimal digits, or base64 of 32 bytes. `invalid-argument` that names where it came from. */
  static parse(text: string, origin: string): MasterKey {
    const line = text.trim();
    const isHex = /^[0-9a-f]{64}$/i.test(line);
    if (isHex || /^[A-Za-z0-9+/_-]{43}=?$/.test(line)) return new MasterKey(Buffer.from(line, isHex ? 'hex' : 'base64'));
    throw new CodedError({
      code: 'invalid-argument',
      message: `${origin} holds no master key`,
      hint: 'It is 32 random bytes, written as 64 hexadecimal digits or as base64: openssl rand -hex 32 makes one.',
    });
  }

  reveal(): Uint8Array {
    return this.#bytes;
  }

  equals(other: MasterKey): boolean {
    return timingSafeEqual(this.#bytes, other.#bytes);
  }

  toString(): string {
    return `master key ${this.id}`;
  }

  toJSON(): string {
    return this.toString();
  }
}
