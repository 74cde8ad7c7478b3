import { CodedError } from '@holdfast/kernel';
import { processLibrary } from './process-library.ts';

const fetchMac = processLibrary.func('void* EVP_MAC_fetch(void* libctx, const char* name, const char* properties)');
const newContext = processLibrary.func('void* EVP_MAC_CTX_new(void* mac)');
const freeContext = processLibrary.func('void EVP_MAC_CTX_free(void* ctx)');
const init = processLibrary.func('int EVP_MAC_init(void* ctx, const uint8_t* key, size_t keylen, void* params)');
const update = processLibrary.func('int EVP_MAC_update(void* ctx, const uint8_t* data, size_t datalen)');
const final = processLibrary.func('int EVP_MAC_final(void* ctx, uint8_t* out, size_t* outl, size_t outsize)');
const poly1305: unknown = fetchMac(null, 'POLY1305', null);
const contexts = new FinalizationRegistry<unknown>((context) => void freeContext(context));

export const tagBytes = 16;

/** Poly1305 (RFC 8439) with a fresh 32-byte one-time key for every message. Not for concurrent use. */
export class Poly1305 {
  readonly #context: unknown = newContext(poly1305);
  readonly #written = new BigUint64Array(1);

  constructor() {
    contexts.register(this, this.#context);
  }

  /** Writes the tag of `message` to `out[0, 16)`. `oneTimeKey` is r ‖ s; r is clamped here. */
  tagInto(out: Uint8Array, oneTimeKey: Uint8Array, message: Uint8Array): void {
    if (out.byteLength < tagBytes || oneTimeKey.byteLength !== 32) throw new RangeError('Poly1305 needs a key of 32 bytes and room for 16');
    const done =
      init(this.#context, oneTimeKey, 32, null) === 1 &&
      update(this.#context, message, message.byteLength) === 1 &&
      final(this.#context, out, this.#written, tagBytes) === 1;
    if (!done) throw new CodedError({ code: 'internal', message: 'OpenSSL refused to compute Poly1305' });
  }
}
