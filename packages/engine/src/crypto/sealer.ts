import { randomFillSync, timingSafeEqual } from 'node:crypto';
import { CodedError } from '@holdfast/kernel';
import { AesCipher } from './aes-cipher.ts';
import type { MasterKey } from './master-key.ts';
import { Poly1305, tagBytes } from './poly1305.ts';

const ivBytes = 16;

/** How much longer a sealed message is than its plaintext: IV and tag. */
export const sealOverheadBytes = ivBytes + tagBytes;

/**
 * Seals and opens messages as restic does: IV ‖ AES-256-CTR(plaintext) ‖ Poly1305-AES(ciphertext). Every seal takes a fresh random IV
 * from the operating system (drawn 256 at a time). Holds contexts: one for each thread, not for concurrent use.
 */
export class Sealer {
  readonly #ctr: AesCipher;
  readonly #macCipher: AesCipher;
  readonly #poly1305 = new Poly1305();
  readonly #oneTimeKey = new Uint8Array(32);
  readonly #tag = new Uint8Array(tagBytes);
  readonly #ivs = new Uint8Array(256 * ivBytes);
  #nextIv = this.#ivs.byteLength;

  constructor(key: MasterKey) {
    this.#ctr = new AesCipher('aes-256-ctr', key.encrypt);
    this.#macCipher = new AesCipher('aes-128-ecb', key.macK);
    this.#oneTimeKey.set(key.macR, 0);
  }

  /** Seals `plaintext` into `out` and returns the sealed length, plaintext + 32. The two must not overlap. */
  sealInto(out: Uint8Array, plaintext: Uint8Array): number {
    const sealedBytes = plaintext.byteLength + sealOverheadBytes;
    if (out.byteLength < sealedBytes) throw new RangeError('no room for the sealed message');
    const iv = this.#freshIv();
    out.set(iv, 0);
    const ciphertext = out.subarray(ivBytes, ivBytes + plaintext.byteLength);
    this.#ctr.apply(iv, plaintext, ciphertext);
    this.#computeTag(out.subarray(ivBytes + plaintext.byteLength, sealedBytes), iv, ciphertext);
    return sealedBytes;
  }

  seal(plaintext: Uint8Array): Uint8Array {
    const out = new Uint8Array(plaintext.byteLength + sealOverheadBytes);
    this.sealInto(out, plaintext);
    return out;
  }

  /** Opens `sealed` into `out` and returns the plaintext's length. The tag is verified before a byte is decrypted; a wrong one is `file-damaged`. */
  openInto(out: Uint8Array, sealed: Uint8Array): number {
    const length = sealed.byteLength - sealOverheadBytes;
    if (length < 0) throw damaged('is shorter than a seal');
    if (out.byteLength < length) throw new RangeError('no room for the opened message');
    const iv = sealed.subarray(0, ivBytes);
    const ciphertext = sealed.subarray(ivBytes, ivBytes + length);
    this.#computeTag(this.#tag, iv, ciphertext);
    if (!timingSafeEqual(this.#tag, sealed.subarray(ivBytes + length))) throw damaged('has a wrong authentication tag');
    this.#ctr.apply(iv, ciphertext, out.subarray(0, length));
    return length;
  }

  open(sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(Math.max(0, sealed.byteLength - sealOverheadBytes));
    this.openInto(out, sealed);
    return out;
  }

  #computeTag(out: Uint8Array, iv: Uint8Array, ciphertext: Uint8Array): void {
    this.#macCipher.apply(null, iv, this.#oneTimeKey.subarray(16));
    this.#poly1305.tagInto(out, this.#oneTimeKey, ciphertext);
  }

  #freshIv(): Uint8Array {
    for (;;) {
      if (this.#nextIv >= this.#ivs.byteLength) {
        randomFillSync(this.#ivs);
        this.#nextIv = 0;
      }
      const iv = this.#ivs.subarray(this.#nextIv, this.#nextIv + ivBytes);
      this.#nextIv += ivBytes;
      if (iv.some((byte) => byte !== 0)) return iv; // restic refuses an all-zero IV
    }
  }
}

function damaged(what: string): CodedError {
  return new CodedError({
    code: 'file-damaged',
    message: `The encrypted message ${what}`,
    hint: 'The data were changed or cut after they were written, or the key is not theirs.',
  });
}
