/** What prune may leave and what it must touch. Sizes in bytes. */
export interface PruneOptions {
  /** Tolerated unused bytes, from the bytes in use. restic's default: 5 % of the whole, `unusedShare(5)`. */
  readonly maxUnusedBytes: (usedBytes: number) => number;
  /** Stops repacking after so many bytes. Default: no limit. */
  readonly maxRepackBytes?: number;
  /** Repacks what is below this size, instead of the size found from the packs there are. Must not exceed the pack size. */
  readonly smallPackBytes?: number;
  /** Leaves packs of data alone, however much of them is unused. */
  readonly repackCacheableOnly?: boolean;
  /** Compresses data blobs that are stored raw. Needs version 2. */
  readonly repackUncompressed?: boolean;
}

/** Limit of unused bytes that makes them at most this share (0 ≤ percent < 100) of all that is stored. */
export function unusedShare(percent: number): (usedBytes: number) => number {
  return (usedBytes) => Math.floor((percent / (100 - percent)) * usedBytes);
}
