import type { MasterKey } from '../../crypto/master-key.ts';
import type { BlobTable } from '../../index/blob-table.ts';

/** Bit of a mark: the blob is used by a snapshot that was walked. The other bits belong to whoever made the marks. */
export const usedBit = 1;

/** One byte for each record of an index, shared by the threads. Facts about a blob stored several times are kept at its first record. */
export type Marks = Uint8Array<SharedArrayBuffer>;

/** Fresh marks for an index of that size. */
export function newMarks(records: number): Marks {
  return new Uint8Array(new SharedArrayBuffer(records));
}

export interface TreeWalkSetup {
  readonly masterKey: MasterKey;
  readonly table: BlobTable;
  readonly marks: Marks;
}

/** Trees to read: where their pack's bytes from `startOffset` on are, and the records of the trees in them. */
export interface TreeWalkJob {
  readonly bytes: Uint8Array;
  readonly startOffset: number;
  readonly records: Uint32Array;
}

/** Something wrong with a tree, as plain data. `record` is the tree's. */
export type TreeFault =
  /** It does not open, decompress, hash or parse. */
  | { readonly kind: 'unreadable'; readonly record: number; readonly reason: string }
  /** A node breaks the rules that `check` asks of nodes. */
  | { readonly kind: 'node-invalid'; readonly record: number; readonly name: Uint8Array; readonly reason: string }
  /** A node needs a blob that is in no index. */
  | { readonly kind: 'blob-missing'; readonly record: number; readonly name: Uint8Array; readonly blob: string; readonly isTree: boolean };

export interface TreeWalkResult {
  /** First records of the trees met for the first time. */
  readonly subtrees: Uint32Array<ArrayBuffer>;
  readonly faults: readonly TreeFault[];
}
