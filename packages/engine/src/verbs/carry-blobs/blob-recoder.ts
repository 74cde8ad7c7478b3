import { CodedError, toHex } from '@holdfast/kernel';
import { Sealer, sealOverheadBytes } from '../../crypto/sealer.ts';
import { type Codec, compressBound, Zstd } from '../../crypto/zstd.ts';
import type { OpenedBlob } from '../pack-io/blob-opener.ts';
import type { BlobRecord } from '../pack-io/shared-record.ts';
import type { CarryCoding } from './carry-job.ts';

/** What became of a blob: its sealed bytes (valid until the next) and the length before compression, 0 for raw. */
export interface RecodedBlob {
  readonly sealed: Uint8Array;
  readonly uncompressedBytes: number;
}

/**
 * Brings opened blobs into the form that the target wants, with as little work as that allows: nothing under the same key, one seal where
 * the compressed frame can stay. What was made anew is opened again and compared before it leaves (F31).
 */
export class BlobRecoder {
  readonly #coding: CarryCoding;
  readonly #sealer: Sealer;
  readonly #codec: Codec;
  #frame = new Uint8Array(0);
  #sealed = new Uint8Array(0);
  #opened = new Uint8Array(0);
  #restored = new Uint8Array(0);

  constructor(coding: CarryCoding, codec: Codec = new Zstd()) {
    this.#coding = coding;
    this.#codec = codec;
    this.#sealer = new Sealer(coding.targetKey);
  }

  recode(blob: BlobRecord, sealed: Uint8Array, { payload, content }: OpenedBlob): RecodedBlob {
    const isRaw = blob.uncompressedBytes === 0;
    if (this.#coding.targetVersion === 1) {
      if (isRaw && this.#coding.isSameKey) return { sealed, uncompressedBytes: 0 };
      return { sealed: this.#seal(content, blob.id), uncompressedBytes: 0 };
    }
    if (isRaw && (blob.type === 'tree' || this.#coding.compressRawData)) {
      const frame = this.#compress(content, blob.id);
      // A frame that is not smaller is of no use for data; trees in packs of version 2 are compressed without exception.
      if (blob.type === 'tree' || frame.byteLength < content.byteLength) {
        return { sealed: this.#seal(frame, blob.id), uncompressedBytes: content.byteLength };
      }
    }
    const uncompressedBytes = isRaw ? 0 : content.byteLength;
    return { sealed: this.#coding.isSameKey ? sealed : this.#seal(payload, blob.id), uncompressedBytes };
  }

  #compress(content: Uint8Array, id: Uint8Array): Uint8Array {
    this.#frame = withRoom(this.#frame, compressBound(content.byteLength));
    const frame = this.#frame.subarray(0, this.#codec.compressInto(this.#frame, content, this.#coding.effort));
    this.#restored = withRoom(this.#restored, content.byteLength);
    if (!this.#isFrameOf(frame, content)) throw notWhatItWas(id);
    return frame;
  }

  #isFrameOf(frame: Uint8Array, content: Uint8Array): boolean {
    try {
      const restored = this.#restored.subarray(0, this.#codec.decompressInto(this.#restored, frame));
      return Buffer.compare(restored, content) === 0;
    } catch (error) {
      if (!CodedError.is(error, 'file-damaged')) throw error;
      return false;
    }
  }

  #seal(payload: Uint8Array, id: Uint8Array): Uint8Array {
    this.#sealed = withRoom(this.#sealed, payload.byteLength + sealOverheadBytes);
    const sealed = this.#sealed.subarray(0, this.#sealer.sealInto(this.#sealed, payload));
    this.#opened = withRoom(this.#opened, payload.byteLength);
    const opened = this.#opened.subarray(0, this.#sealer.openInto(this.#opened, sealed));
    if (Buffer.compare(opened, payload) !== 0) throw notWhatItWas(id);
    return sealed;
  }
}

function withRoom(buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  return buffer.byteLength >= bytes ? buffer : new Uint8Array(bytes + (bytes >>> 2));
}

function notWhatItWas(id: Uint8Array): CodedError {
  return new CodedError({
    code: 'verification-failed',
    message: `Blob ${toHex(id)} did not read back as what was to be stored; nothing of it was stored`,
    hint: 'Memory or processor of this machine may be faulty: test them before you trust it with backups.',
    context: { blob: toHex(id) },
  });
}
