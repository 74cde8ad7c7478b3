import { CodedError } from '@holdfast/kernel';
import type { BlobIndex } from '../../index/blob-index.ts';
import { type PlannedEntry, recordBytes, writeRecord } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import { planSegmentBytes, RestorePlan, recordUnit, type SharedPlan } from './restore-plan.ts';

/** Address space that is set aside, not memory: a plan takes what it needs of it. */
const mostEntries = 2 ** 27;
const mostBlobs = 2 ** 29;
const firstEntries = 2 ** 12;
const firstBlobs = 2 ** 13;
const segmentUnits = planSegmentBytes / recordUnit;

/**
 * Adds entries to a plan while threads work on those that are there already. Memory grows in place; `plan.shared` is a new object after it
 * has, and threads get that one with their next job.
 */
export class PlanBuilder {
  readonly plan: RestorePlan;
  readonly #segments: SharedArrayBuffer[] = [];
  readonly #recordAt = reserve(4 * mostEntries);
  readonly #state = reserve(mostEntries);
  readonly #damaged = reserve(mostEntries);
  readonly #remaining = reserve(4 * mostEntries);
  readonly #opened = reserve(4 * mostEntries);
  readonly #content = reserve(4 * mostBlobs);
  readonly #index: BlobIndex;
  #view = new DataView(new SharedArrayBuffer(0));
  #entryCount = 0;
  #contentLength = 0;
  #entryCapacity = 0;
  #contentCapacity = 0;
  #freeUnits = 0;
  #nextUnit = 0;

  constructor(index: BlobIndex) {
    this.#index = index;
    this.#growEntries(firstEntries);
    this.#growContent(firstBlobs);
    this.plan = new RestorePlan(this.#share());
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  get contentLength(): number {
    return this.#contentLength;
  }

  /** Adds an entry and returns its number. It is unneeded until `want` is called for it or, for a directory, for something in it. */
  add(entry: PlannedEntry): number {
    const units = recordBytes(entry) / recordUnit;
    if (units > this.#freeUnits) this.#addSegment(units * recordUnit);
    if (this.#entryCount === this.#entryCapacity) {
      this.#growEntries(this.#entryCapacity * 2);
      this.plan.adopt(this.#share());
    }
    const number = this.#entryCount++;
    writeRecord(this.#view, (this.#nextUnit % segmentUnits) * recordUnit, entry);
    this.plan.shared.recordAt[number] = this.#nextUnit;
    this.#nextUnit += units;
    this.#freeUnits -= units;
    return number;
  }

  /** Has the entry restored, and the directories that it is in made. */
  want(number: number): void {
    const { state } = this.plan.shared;
    for (let at = number; state[at] === entryState.unneeded; at = this.plan.directory(at)) state[at] = entryState.make;
  }

  addContent(record: number): void {
    if (this.#contentLength === this.#contentCapacity) {
      this.#growContent(this.#contentCapacity * 2);
      this.plan.adopt(this.#share());
    }
    this.plan.shared.content[this.#contentLength++] = record;
  }

  contentAt(place: number): number {
    return this.plan.shared.content[place] as number;
  }

  /** Forgets the last part of the list of blobs. */
  cutContent(length: number): void {
    this.#contentLength = length;
  }

  /** A record never spans segments; one that is longer has a segment of its own, of which only the first address is used. */
  #addSegment(needBytes: number): void {
    const segment = new SharedArrayBuffer(Math.max(planSegmentBytes, needBytes));
    this.#nextUnit = this.#segments.length * segmentUnits;
    this.#freeUnits = segment.byteLength / recordUnit;
    this.#segments.push(segment);
    this.#view = new DataView(segment);
    this.plan.adopt(this.#share());
  }

  #growEntries(count: number): void {
    if (count > mostEntries) throw tooLarge();
    for (const column of [this.#recordAt, this.#remaining, this.#opened]) column.grow(count * 4);
    for (const column of [this.#state, this.#damaged]) column.grow(count);
    this.#entryCapacity = count;
  }

  #growContent(count: number): void {
    if (count > mostBlobs) throw tooLarge();
    this.#content.grow(count * 4);
    this.#contentCapacity = count;
  }

  /** Views of a fixed length, which are ten times as fast as views that follow their buffer. */
  #share(): SharedPlan {
    return {
      segments: [...this.#segments],
      recordAt: new Uint32Array(this.#recordAt, 0, this.#entryCapacity),
      content: new Uint32Array(this.#content, 0, this.#contentCapacity),
      blobs: this.#index.share(),
      state: new Uint8Array(this.#state, 0, this.#entryCapacity),
      damaged: new Uint8Array(this.#damaged, 0, this.#entryCapacity),
      remaining: new Int32Array(this.#remaining, 0, this.#entryCapacity),
      opened: new Int32Array(this.#opened, 0, this.#entryCapacity),
    };
  }
}

function reserve(mostBytes: number): SharedArrayBuffer {
  return new SharedArrayBuffer(0, { maxByteLength: mostBytes });
}

function tooLarge(): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `A restore of more than ${mostEntries} entries or ${mostBlobs} blobs is not possible at once`,
    hint: 'Restore it in parts, each with a path in the snapshot.',
  });
}
