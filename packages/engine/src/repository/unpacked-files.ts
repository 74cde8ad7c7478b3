import { CodedError, toHex } from '@holdfast/kernel';
import { bytesBody, type CallOptions, type Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../crypto/master-key.ts';
import { Sealer } from '../crypto/sealer.ts';
import { sha256 } from '../crypto/sha256.ts';
import { Zstd } from '../crypto/zstd.ts';

/** The files that are one sealed message of JSON. */
export type UnpackedType = 'index' | 'snapshot' | 'lock';

const compressedMark = 0x02;
const openBrace = 0x7b;
const openBracket = 0x5b;
const level = 3;
/** restic lets its decoder use as much; an index or snapshot is never near it. */
const plaintextLimitBytes = 2 ** 31;

/** Reads and writes the files of a repository that are not packs: sealed, compressed in version 2, named by the hash of what is stored. */
export class UnpackedFiles {
  readonly #storage: Storage;
  readonly #sealer: Sealer;
  readonly #zstd = new Zstd();
  readonly #version: 1 | 2;

  constructor(storage: Storage, masterKey: MasterKey, version: 1 | 2) {
    this.#storage = storage;
    this.#sealer = new Sealer(masterKey);
    this.#version = version;
  }

  /** The plaintext. Bytes that do not hash to the name are loaded once more before that is an error. */
  async load(type: UnpackedType, name: string, options: CallOptions): Promise<Uint8Array> {
    let bytes = await this.#storage.load({ type, name }, undefined, options);
    if (toHex(sha256(bytes)) !== name) bytes = await this.#storage.load({ type, name }, undefined, options);
    if (toHex(sha256(bytes)) !== name) throw damaged(type, name);
    try {
      return this.#decode(this.#sealer.open(bytes));
    } catch (cause) {
      throw damaged(type, name, cause);
    }
  }

  async save(type: UnpackedType, plaintext: Uint8Array, options: CallOptions): Promise<string> {
    const sealed = this.#sealer.seal(this.#version === 1 ? plaintext : this.#compress(plaintext));
    if (Buffer.compare(this.#decode(this.#sealer.open(sealed)), plaintext) !== 0) {
      throw new CodedError({
        code: 'verification-failed',
        message: `A new ${type} file did not read back as what was to be stored; it was not stored`,
        hint: 'Memory or processor of this machine may be faulty: test them before you trust it with backups.',
      });
    }
    const name = toHex(sha256(sealed));
    await this.#storage.save({ type, name }, bytesBody(sealed), options);
    return name;
  }

  #compress(plaintext: Uint8Array): Uint8Array {
    const frame = this.#zstd.compress(plaintext, level);
    const marked = new Uint8Array(frame.byteLength + 1);
    marked[0] = compressedMark;
    marked.set(frame, 1);
    return marked;
  }

  /** Version 1 repositories, also upgraded ones, hold plain JSON. */
  #decode(opened: Uint8Array): Uint8Array {
    const first = opened[0];
    if (first === undefined || first === openBrace || first === openBracket) return opened;
    if (first === compressedMark) return this.#zstd.decompress(opened.subarray(1), plaintextLimitBytes);
    throw new CodedError({ code: 'format-invalid', message: `The file begins with the unknown mark ${first}` });
  }
}

function damaged(type: UnpackedType, name: string, cause?: unknown): CodedError {
  return new CodedError({
    code: 'file-damaged',
    message: `The ${type} file ${name} is damaged`,
    hint: 'Run check to see what it affects; fetch the file from a copy of the repository if there is one.',
    context: { type, name },
    cause,
  });
}
