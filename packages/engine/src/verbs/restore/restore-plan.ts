import { sealOverheadBytes } from '../../crypto/sealer.ts';
import { type BlobTable, recordWords, segmentRecords, segmentShift } from '../../index/blob-table.ts';
import { type EntryKind, type PlannedEntry, readRecord, recordDirectory, recordKind, recordSizeBytes } from './entry-record.ts';

/** Stands in a file's list of blobs for one that no index knows. */
export const noBlob = 0xffff_ffff;

/** The memory of a plan, for worker threads. */
export interface SharedPlan {
  readonly segments: readonly SharedArrayBuffer[];
  /** Per entry: where its record is. */
  readonly recordAt: Uint32Array<SharedArrayBuffer>;
  /** Blobs of all files, as records of the index. */
  readonly content: Uint32Array<SharedArrayBuffer>;
  readonly blobs: BlobTable;
  /** Per entry: one of `entryState`. */
  readonly state: Uint8Array<SharedArrayBuffer>;
  /** Per entry: 1 once some of its content is known to be lost. Its times are then not restored, lest it be taken for unchanged. */
  readonly damaged: Uint8Array<SharedArrayBuffer>;
  /** Per entry: how many pieces of its content have not been written or given up yet. */
  readonly remaining: Int32Array<SharedArrayBuffer>;
  /** Per entry: 0 until a thread opens the file for the first time, 1 while it does, 2 afterwards, 3 if that failed. */
  readonly opened: Int32Array<SharedArrayBuffer>;
}

/** Records begin at multiples of so many bytes, and addresses count these units through all segments. */
export const recordUnit = 8;
export const planSegmentBytes = 1 << 20;
const segmentUnits = planSegmentBytes / recordUnit;
const slash = Buffer.from('/');

/**
 * Everything that is to be restored, numbered: entry 0 is the target itself, a directory comes before what is in it. Held in flat memory,
 * about 100 bytes an entry and 4 bytes a blob, so that a million files are no burden and threads read it without being sent it.
 */
export class RestorePlan {
  #shared: SharedPlan;
  readonly #views: DataView<SharedArrayBuffer>[] = [];

  constructor(shared: SharedPlan) {
    this.#shared = shared;
    this.adopt(shared);
  }

  get shared(): SharedPlan {
    return this.#shared;
  }

  /** Takes the memory of the same plan after it has grown. What was taken from `shared` before stays valid and only ends earlier. */
  adopt(shared: SharedPlan): void {
    this.#shared = shared;
    for (const segment of shared.segments.slice(this.#views.length)) this.#views.push(new DataView(segment));
  }

  entry(number: number): PlannedEntry {
    const { view, at } = this.#find(number);
    return readRecord(view, at);
  }

  kind(number: number): EntryKind {
    const { view, at } = this.#find(number);
    return recordKind(view, at);
  }

  /** Number of the directory that the entry is in. */
  directory(number: number): number {
    const { view, at } = this.#find(number);
    return recordDirectory(view, at);
  }

  /** Length of a file's content; 0 for everything else. */
  sizeBytes(number: number): number {
    const { view, at } = this.#find(number);
    return recordSizeBytes(view, at);
  }

  /** Path relative to the target, without a leading slash; empty for the target. */
  path(number: number): Buffer {
    const parts: Uint8Array[] = [];
    for (let at = number; at !== 0; ) {
      const entry = this.entry(at);
      if (parts.length > 0) parts.push(slash);
      parts.push(entry.name.subarray(0, -1));
      at = entry.directory;
    }
    return Buffer.concat(parts.reverse());
  }

  /** Calls `visit` for each known blob of a file, with its place in the list and in the file. */
  forEachBlob(entry: PlannedEntry, visit: (record: number, place: number, offset: number, sizeBytes: number) => void): void {
    let offset = 0;
    for (let place = 0; place < entry.contentCount; place++) {
      const record = this.#shared.content[entry.contentStart + place] as number;
      const sizeBytes = record === noBlob ? this.#holeBytes(entry) : contentBytes(this.#shared.blobs, record);
      if (record !== noBlob) visit(record, place, offset, sizeBytes);
      offset += sizeBytes;
    }
  }

  /** A file that is planned has one unknown blob at most, so its length is what the others leave. */
  #holeBytes(entry: PlannedEntry): number {
    const { content, blobs } = this.#shared;
    let known = 0;
    for (let place = 0; place < entry.contentCount; place++) {
      const record = content[entry.contentStart + place] as number;
      if (record !== noBlob) known += contentBytes(blobs, record);
    }
    return entry.sizeBytes - known;
  }

  #find(number: number): { view: DataView<SharedArrayBuffer>; at: number } {
    const address = this.#shared.recordAt[number];
    const view = address === undefined ? undefined : this.#views[Math.floor(address / segmentUnits)];
    if (address === undefined || view === undefined) throw new RangeError('no such entry');
    return { view, at: (address % segmentUnits) * recordUnit };
  }
}

/** Length of a blob's content. */
export function contentBytes(blobs: BlobTable, record: number): number {
  const segment = blobs.segments[record >>> segmentShift] as Uint32Array;
  const at = (record & (segmentRecords - 1)) * recordWords;
  return (segment[at + 11] as number) || (segment[at + 10] as number) - sealOverheadBytes;
}
