import type { MasterKey } from '../../crypto/master-key.ts';
import type { Effort } from '../../crypto/zstd.ts';
import type { BlobTable } from '../../index/blob-table.ts';

/** How blobs are to be stored again. */
export interface CarryCoding {
  readonly sourceKey: MasterKey;
  /** The same key as the source's: sealed bytes are carried over as they are. */
  readonly isSameKey: boolean;
  readonly targetKey: MasterKey;
  readonly targetVersion: 1 | 2;
  /** Whether data blobs that are stored raw are to be compressed. Trees are, in version 2. */
  readonly compressRawData: boolean;
  readonly effort: Effort;
}

export interface CarrySetup {
  readonly coding: CarryCoding;
  /** The source's index. */
  readonly table: BlobTable;
}

/** Bytes of a source pack from `startOffset` on, moved to the worker or shared with it, and the records of the blobs wanted from them. */
export interface CarryJob {
  readonly bytes: Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>;
  readonly startOffset: number;
  readonly records: Uint32Array<ArrayBuffer>;
}

/** One blob to store. */
export interface CarriedBlob {
  readonly record: number;
  /** Where its sealed form begins: in `bytes`, or beyond their end in `overflow`. */
  readonly offset: number;
  readonly sealedBytes: number;
  readonly uncompressedBytes: number;
}

export interface CarryResult {
  /** The job's bytes; what changed without growing was changed in place. */
  readonly bytes: Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>;
  /** What became longer. */
  readonly overflow: Uint8Array<ArrayBuffer>;
  readonly blobs: readonly CarriedBlob[];
  readonly damaged: readonly { readonly record: number; readonly reason: string }[];
}

/** The sealed form of a blob of the result. */
export function sealedForm({ bytes, overflow }: CarryResult, { offset, sealedBytes }: CarriedBlob): Uint8Array {
  if (offset < bytes.byteLength) return bytes.subarray(offset, offset + sealedBytes);
  return overflow.subarray(offset - bytes.byteLength, offset - bytes.byteLength + sealedBytes);
}
