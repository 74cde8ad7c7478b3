import { CodedError, toHex } from '@holdfast/kernel';
import type { MasterKey } from '../../crypto/master-key.ts';
import { Sealer, sealOverheadBytes } from '../../crypto/sealer.ts';
import { sha256Into } from '../../crypto/sha256.ts';
import { Zstd } from '../../crypto/zstd.ts';

/** A blob that was proven to be what its ID says. Both views are valid until the next blob is opened. */
export interface OpenedBlob {
  /** What was sealed: a zstd frame, or the content itself where it is stored raw. */
  readonly payload: Uint8Array;
  readonly content: Uint8Array;
}

/** Opens sealed blobs: authenticates, decrypts, decompresses and compares the hash. Buffers are kept; one for each thread. */
export class BlobOpener {
  readonly #sealer: Sealer;
  readonly #zstd = new Zstd();
  readonly #hash = new Uint8Array(32);
  #payload = new Uint8Array(1 << 20);
  #content = new Uint8Array(1 << 20);

  constructor(masterKey: MasterKey) {
    this.#sealer = new Sealer(masterKey);
  }

  /** `uncompressedBytes` is 0 for content stored raw. Anything that is not the blob of that ID is an error of a code that `isDamage` knows. */
  open(sealed: Uint8Array, uncompressedBytes: number, id: Uint8Array): OpenedBlob {
    this.#payload = withRoom(this.#payload, sealed.byteLength - sealOverheadBytes);
    const payload = this.#payload.subarray(0, this.#sealer.openInto(this.#payload, sealed));
    let content = payload;
    if (uncompressedBytes > 0) {
      this.#content = withRoom(this.#content, uncompressedBytes);
      content = this.#content.subarray(0, this.#zstd.decompressInto(this.#content.subarray(0, uncompressedBytes), payload));
    }
    sha256Into(this.#hash, content);
    if (Buffer.compare(this.#hash, id) !== 0) {
      throw new CodedError({ code: 'blob-damaged', message: `The content of the blob hashes to ${toHex(this.#hash)}` });
    }
    return { payload, content };
  }
}

function withRoom(buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  return buffer.byteLength >= bytes ? buffer : new Uint8Array(bytes + (bytes >>> 2));
}
