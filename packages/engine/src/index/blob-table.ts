/**
 * The memory of a BlobIndex: fixed-size records in segments, found through an open-addressing slot table. All of it lies in
 * SharedArrayBuffers, so that worker threads can look blobs up while the one writer (the main thread) adds more.
 *
 * Record (12 × u32 = 48 bytes): ID (8 words), pack number with the type in the top bit, offset, sealed length, plain length (0 = raw).
 * Slot: record number + 1, or 0. A writer fills the record before it publishes the slot with an atomic store; a reader loads the slot
 * atomically, so it never sees half a record.
 */
export const recordWords = 12;
export const segmentShift = 14;
export const segmentRecords = 1 << segmentShift;
export const treeBit = 0x8000_0000;

/** What a worker thread needs to look up blobs. Sent again whenever `version` has grown. */
export interface BlobTable {
  readonly version: number;
  readonly slots: Int32Array<SharedArrayBuffer>;
  readonly segments: readonly Uint32Array<SharedArrayBuffer>[];
}

const noRecord = -1;

/**
 * The record of the blob whose ID words are `words[0..8)` (the `skip`-th further one), or -1. Reads only what `table`
 * knows of: a record that was added after the table was sent may be missed, never misread.
 */
export function findRecord(table: BlobTable, words: Uint32Array, isTree: boolean, skip = 0): number {
  const { slots, segments } = table;
  const mask = slots.length - 1;
  const first = words[0] as number;
  let slot = homeSlot(words, isTree) & mask;
  let toSkip = skip;
  for (;;) {
    const record = Atomics.load(slots, slot) - 1;
    if (record < 0) return noRecord;
    const segment = segments[record >>> segmentShift];
    if (segment !== undefined) {
      const at = (record & (segmentRecords - 1)) * recordWords;
      if (segment[at] === first && isSame(segment, at, words, isTree)) {
        if (toSkip === 0) return record;
        toSkip -= 1;
      }
    }
    slot = (slot + 1) & mask;
  }
}

/** Where the search for an ID starts. IDs are SHA-256, so any of their words is a hash; word 1 spares word 0 for the first comparison. */
export function homeSlot(words: Uint32Array, isTree: boolean): number {
  return (words[1] as number) ^ (isTree ? 0x5bd1_e995 : 0);
}

function isSame(segment: Uint32Array, at: number, words: Uint32Array, isTree: boolean): boolean {
  for (let i = 1; i < 8; i++) if (segment[at + i] !== words[i]) return false;
  return (segment[at + 8] as number) >= treeBit === isTree;
}
