import { CodedError } from '@holdfast/kernel';
import type { MasterKey } from '../../crypto/master-key.ts';
import { Sealer, sealOverheadBytes } from '../../crypto/sealer.ts';
import { hashBytes, sha256Into } from '../../crypto/sha256.ts';
import { Zstd } from '../../crypto/zstd.ts';
import { type BlobTable, recordWords, segmentRecords, segmentShift } from '../../index/blob-table.ts';

/** Opens and verifies blobs whose records are in a table. Keeps contexts and buffers: one for each thread. */
export class BlobOpener {
  readonly #sealer: Sealer;
  readonly #blobs: BlobTable;
  readonly #zstd = new Zstd();
  readonly #hash = new Uint8Array(hashBytes);
  #opened = new Uint8Array(1 << 20);
  #content = new Uint8Array(1 << 20);

  constructor(masterKey: MasterKey, blobs: BlobTable) {
    this.#sealer = new Sealer(masterKey);
    this.#blobs = blobs;
  }

  /** Where the blob lies in its pack. */
  place(record: number): { readonly offset: number; readonly sealedBytes: number } {
    const { segment, at } = this.#find(record);
    return { offset: segment[at + 9] as number, sealedBytes: segment[at + 10] as number };
  }

  /** The content, verified against the blob's ID, or a CodedError. A view that is valid until the next call. */
  open(record: number, sealed: Uint8Array): Uint8Array {
    const { segment, at } = this.#find(record);
    const contentBytes = segment[at + 11] as number;
    if (this.#opened.byteLength < sealed.byteLength) this.#opened = new Uint8Array(sealed.byteLength);
    let content = this.#opened.subarray(0, Math.max(0, sealed.byteLength - sealOverheadBytes));
    this.#sealer.openInto(content, sealed);
    if (contentBytes > 0) {
      if (this.#content.byteLength < contentBytes) this.#content = new Uint8Array(contentBytes);
      const room = this.#content.subarray(0, contentBytes);
      if (this.#zstd.decompressInto(room, content) !== contentBytes) throw damaged('is shorter than the index says');
      content = room;
    }
    if (!this.isContent(record, content)) throw damaged('has other content than its ID says');
    return content;
  }

  /** Whether these bytes are the blob's content. */
  isContent(record: number, bytes: Uint8Array): boolean {
    const { segment, at } = this.#find(record);
    sha256Into(this.#hash, bytes);
    return Buffer.compare(this.#hash, new Uint8Array(segment.buffer, segment.byteOffset + at * 4, hashBytes)) === 0;
  }

  #find(record: number): { segment: Uint32Array; at: number } {
    return { segment: this.#blobs.segments[record >>> segmentShift] as Uint32Array, at: (record & (segmentRecords - 1)) * recordWords };
  }
}

function damaged(what: string): CodedError {
  return new CodedError({ code: 'blob-damaged', message: `The blob ${what}` });
}
