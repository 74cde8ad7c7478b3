import { CodedError } from '@holdfast/kernel';
import { processLibrary } from './process-library.ts';

const newContext = processLibrary.func('void* EVP_CIPHER_CTX_new()');
const freeContext = processLibrary.func('void EVP_CIPHER_CTX_free(void* ctx)');
const setPadding = processLibrary.func('int EVP_CIPHER_CTX_set_padding(void* ctx, int pad)');
const encryptInit = processLibrary.func(
  'int EVP_EncryptInit_ex(void* ctx, const void* cipher, void* engine, const uint8_t* key, const uint8_t* iv)',
);
const encryptUpdate = processLibrary.func('int EVP_EncryptUpdate(void* ctx, uint8_t* out, int* outl, const uint8_t* in, int inl)');
const ciphers = {
  'aes-256-ctr': { keyBytes: 32, type: processLibrary.func('const void* EVP_aes_256_ctr()')() as unknown },
  'aes-128-ecb': { keyBytes: 16, type: processLibrary.func('const void* EVP_aes_128_ecb()')() as unknown },
};
const contexts = new FinalizationRegistry<unknown>((context) => void freeContext(context));

/** One keyed AES context of OpenSSL, used again and again without allocating. Not for concurrent use. */
export class AesCipher {
  readonly #context: unknown = newContext();
  readonly #written = new Int32Array(1);

  constructor(name: keyof typeof ciphers, key: Uint8Array) {
    const { keyBytes, type } = ciphers[name];
    if (key.byteLength !== keyBytes) throw new RangeError(`${name} needs a key of ${keyBytes} bytes`);
    contexts.register(this, this.#context);
    this.#must(encryptInit(this.#context, type, null, key, null));
    this.#must(setPadding(this.#context, 0));
  }

  /** Encrypts `input` to `output` (same length, may be the same bytes). In CTR mode `iv` is the 16-byte first counter block, and decrypting is the same act. */
  apply(iv: Uint8Array | null, input: Uint8Array, output: Uint8Array): void {
    if (output.byteLength < input.byteLength) throw new RangeError('the output of a cipher must be as long as its input');
    if (iv !== null) {
      if (iv.byteLength !== 16) throw new RangeError('an initial counter block has 16 bytes');
      this.#must(encryptInit(this.#context, null, null, null, iv));
    }
    if (input.byteLength === 0) return;
    this.#must(encryptUpdate(this.#context, output, this.#written, input, input.byteLength));
    if (this.#written[0] !== input.byteLength) this.#must(0);
  }

  #must(result: unknown): void {
    if (result !== 1) throw new CodedError({ code: 'internal', message: 'OpenSSL refused an AES operation' });
  }
}
