import type { MasterKey } from '../../crypto/master-key.ts';
import type { BlobTable } from '../../index/blob-table.ts';

export interface PackCheckSetup {
  readonly masterKey: MasterKey;
  readonly table: BlobTable;
}

/** A whole pack, moved to the worker or shared with it, and what the index says is in it. */
export interface PackCheckJob {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>;
  readonly records: Uint32Array<ArrayBuffer>;
}

export interface PackCheckResult {
  /** What is wrong, one sentence each; empty for a sound pack. */
  readonly faults: readonly string[];
  /** Records of the blobs that cannot be had from this pack. */
  readonly damaged: readonly number[];
}
