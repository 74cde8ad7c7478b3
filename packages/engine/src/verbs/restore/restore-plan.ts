import { sealOverheadBytes } from '../../crypto/sealer.ts';
import type { BlobIndex } from '../../index/blob-index.ts';
import { type BlobTable, recordWords, segmentRecords, segmentShift } from '../../index/blob-table.ts';
import { type EntryKind, type PlannedEntry, readRecord, recordBytes, recordKind, recordSizeBytes, writeRecord } from './entry-record.ts';
import { entryState } from './entry-state.ts';

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

const segmentBytes = 1 << 20;
const unit = 8; // records begin at multiples of it
const segmentUnits = segmentBytes / unit;
const slash = Buffer.from('/');

/**
 * Everything that is to be restored, numbered: entry 0 is the target itself, a directory comes before what is in it. Held in flat memory,
 * about 100 bytes an entry and 4 bytes a blob, so that a million files are no burden and threads read it without being sent it.
 */
export class RestorePlan {
  readonly shared: SharedPlan;
  readonly #views: readonly DataView<SharedArrayBuffer>[];

  constructor(shared: SharedPlan) {
    this.shared = shared;
    this.#views = shared.segments.map((segment) => new DataView(segment));
  }

  get entryCount(): number {
    return this.shared.recordAt.length;
  }

  entry(number: number): PlannedEntry {
    const { view, at } = this.#find(number);
    return readRecord(view, at);
  }

  kind(number: number): EntryKind {
    const { view, at } = this.#find(number);
    return recordKind(view, at);
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
      const record = this.shared.content[entry.contentStart + place] as number;
      const sizeBytes = record === noBlob ? this.#holeBytes(entry) : contentBytes(this.shared.blobs, record);
      if (record !== noBlob) visit(record, place, offset, sizeBytes);
      offset += sizeBytes;
    }
  }

  /** A file that is planned has one unknown blob at most, so its length is what the others leave. */
  #holeBytes(entry: PlannedEntry): number {
    const { content, blobs } = this.shared;
    let known = 0;
    for (let place = 0; place < entry.contentCount; place++) {
      const record = content[entry.contentStart + place] as number;
      if (record !== noBlob) known += contentBytes(blobs, record);
    }
    return entry.sizeBytes - known;
  }

  #find(number: number): { view: DataView<SharedArrayBuffer>; at: number } {
    const address = this.shared.recordAt[number];
    const view = address === undefined ? undefined : this.#views[Math.floor(address / segmentUnits)];
    if (address === undefined || view === undefined) throw new RangeError('no such entry');
    return { view, at: (address % segmentUnits) * unit };
  }
}

/** Length of a blob's content. */
export function contentBytes(blobs: BlobTable, record: number): number {
  const segment = blobs.segments[record >>> segmentShift] as Uint32Array;
  const at = (record & (segmentRecords - 1)) * recordWords;
  return (segment[at + 11] as number) || (segment[at + 10] as number) - sealOverheadBytes;
}

/** Collects the entries of a plan. */
export class RestorePlanBuilder {
  readonly #segments: SharedArrayBuffer[] = [];
  readonly #views: DataView<SharedArrayBuffer>[] = [];
  readonly #recordAt = new GrowingWords();
  readonly #content = new GrowingWords();
  readonly #parents = new GrowingWords();
  readonly #wanted = new GrowingWords();
  readonly #damaged: number[] = [];
  readonly #failed: number[] = [];
  #freeUnits = 0;
  #nextUnit = 0;

  get entryCount(): number {
    return this.#recordAt.length;
  }

  get contentLength(): number {
    return this.#content.length;
  }

  /** Adds an entry and returns its number. A directory is unneeded until `want` is called for it or for something in it. */
  add(entry: PlannedEntry): number {
    const units = recordBytes(entry) / unit;
    if (units > this.#freeUnits) this.#addSegment(units * unit);
    const number = this.#recordAt.push(this.#nextUnit);
    const view = this.#views.at(-1) as DataView<SharedArrayBuffer>;
    writeRecord(view, (this.#nextUnit % segmentUnits) * unit, entry);
    this.#nextUnit += units;
    this.#freeUnits -= units;
    this.#parents.push(entry.directory);
    this.#wanted.push(0);
    return number;
  }

  want(number: number): void {
    for (let at = number; this.#wanted.at(at) === 0; at = this.#parents.at(at)) this.#wanted.set(at, 1);
  }

  addContent(record: number): void {
    this.#content.push(record);
  }

  contentAt(place: number): number {
    return this.#content.at(place);
  }

  /** Forgets the last part of the list of blobs. */
  cutContent(length: number): void {
    this.#content.length = length;
  }

  markDamaged(number: number): void {
    this.#damaged.push(number);
  }

  markFailed(number: number): void {
    this.#failed.push(number);
  }

  finish(index: BlobIndex): RestorePlan {
    const count = this.#recordAt.length;
    const state = new Uint8Array(new SharedArrayBuffer(count));
    for (let number = 0; number < count; number++) if (this.#wanted.at(number) === 1) state[number] = entryState.make;
    for (const number of this.#failed) state[number] = entryState.failed;
    const damaged = new Uint8Array(new SharedArrayBuffer(count));
    for (const number of this.#damaged) damaged[number] = 1;
    return new RestorePlan({
      segments: this.#segments,
      recordAt: this.#recordAt.share(),
      content: this.#content.share(),
      blobs: index.share(),
      state,
      damaged,
      remaining: new Int32Array(new SharedArrayBuffer(count * 4)),
      opened: new Int32Array(new SharedArrayBuffer(count * 4)),
    });
  }

  /** A record never spans segments; one that is longer has a segment of its own, whose first address alone is used. */
  #addSegment(needBytes: number): void {
    const segment = new SharedArrayBuffer(Math.max(segmentBytes, needBytes));
    this.#nextUnit = this.#segments.length * segmentUnits;
    this.#freeUnits = segment.byteLength / unit;
    this.#segments.push(segment);
    this.#views.push(new DataView(segment));
  }
}

/** A list of 32-bit words that grows outside the JavaScript heap. */
class GrowingWords {
  #words = new Uint32Array(1024);
  length = 0;

  /** Returns the place of the new word. */
  push(word: number): number {
    if (this.length === this.#words.length) {
      const larger = new Uint32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.length] = word;
    return this.length++;
  }

  at(place: number): number {
    return this.#words[place] as number;
  }

  set(place: number, word: number): void {
    this.#words[place] = word;
  }

  share(): Uint32Array<SharedArrayBuffer> {
    const shared = new Uint32Array(new SharedArrayBuffer(this.length * 4));
    shared.set(this.#words.subarray(0, this.length));
    return shared;
  }
}
