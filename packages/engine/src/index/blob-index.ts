import { CodedError, fromHex, toHex } from '@holdfast/kernel';
import { type BlobTable, findRecord, homeSlot, recordWords, segmentRecords, segmentShift, treeBit } from './blob-table.ts';
import type { BlobType } from './blob-type.ts';

/** Where a blob is stored. */
export interface BlobLocation {
  /** Number of the pack in its index; `BlobIndex.packId` gives the ID. */
  readonly pack: number;
  readonly offset: number;
  /** Length in the pack, with IV and tag. */
  readonly sealedBytes: number;
  /** Length of the content before compression; 0 when it is stored raw. */
  readonly uncompressedBytes: number;
}

const maxLoad = 0.75;
const firstSlots = 1 << 12;

/**
 * Which blob lies where: the index of one repository, 48 bytes a blob and 4 bytes a slot, outside the JavaScript heap. The full ID is
 * compared on every hit. One thread writes; `share()` lets others read. Records are numbered from 0 in the order of `add`, so that users
 * can keep facts about blobs in arrays beside it. A blob may have several records (duplicates in several packs are legal).
 */
export class BlobIndex {
  #slots = new Int32Array(new SharedArrayBuffer(firstSlots * 4));
  readonly #segments: Uint32Array<SharedArrayBuffer>[] = [];
  readonly #packs: string[] = [];
  readonly #query = new Uint8Array(32);
  readonly #words = new Uint32Array(this.#query.buffer);
  #table: BlobTable = { version: 0, slots: this.#slots, segments: [] };
  #count = 0;

  /** How many records there are. */
  get size(): number {
    return this.#count;
  }

  get packCount(): number {
    return this.#packs.length;
  }

  /** Bytes of memory held for the blobs. */
  get memoryBytes(): number {
    return this.#slots.byteLength + this.#segments.length * segmentRecords * recordWords * 4;
  }

  /** Forgets everything. */
  clear(): void {
    this.#slots = new Int32Array(new SharedArrayBuffer(firstSlots * 4));
    this.#segments.length = 0;
    this.#packs.length = 0;
    this.#count = 0;
    this.#publish();
  }

  /** Gives a pack its number. A pack that is still being filled has an empty ID until `namePack`. */
  addPack(id: string): number {
    if (this.#packs.length >= treeBit) throw new CodedError({ code: 'internal', message: 'The index is full' });
    return this.#packs.push(id) - 1;
  }

  namePack(pack: number, id: string): void {
    this.#packs[pack] = id;
  }

  /** The ID of the pack of that number; empty while the pack is not stored. */
  packId(pack: number): string {
    return this.#packs[pack] ?? '';
  }

  /** Adds a record and returns its number. Does not ask whether the blob is known: ask `find` first where that matters. */
  add(type: BlobType, id: Uint8Array, location: BlobLocation): number {
    if (this.#count + 1 > this.#slots.length * maxLoad) this.#growSlots();
    const record = this.#count;
    let segment = this.#segments[record >>> segmentShift];
    if (segment === undefined) {
      segment = new Uint32Array(new SharedArrayBuffer(segmentRecords * recordWords * 4));
      this.#segments.push(segment);
      this.#publish();
    }
    this.#query.set(id);
    const at = (record & (segmentRecords - 1)) * recordWords;
    segment.set(this.#words, at);
    segment[at + 8] = type === 'tree' ? location.pack + treeBit : location.pack;
    segment[at + 9] = location.offset;
    segment[at + 10] = location.sealedBytes;
    segment[at + 11] = location.uncompressedBytes;
    this.#count += 1;
    insertSlot(this.#slots, homeSlot(this.#words, type === 'tree'), record);
    return record;
  }

  /** Corrects where a blob lies, for packs that are merged before they are stored. */
  relocate(record: number, pack: number, offset: number): void {
    const { segment, at } = this.#record(record);
    segment[at + 8] = (segment[at + 8] as number) >= treeBit ? pack + treeBit : pack;
    segment[at + 9] = offset;
  }

  /** The record of the blob, or -1. With `skip` the n-th further record of a blob stored several times. */
  find(type: BlobType, id: Uint8Array, skip = 0): number {
    this.#query.set(id);
    return findRecord(this.#table, this.#words, type === 'tree', skip);
  }

  /** `find` for an ID in hexadecimal. */
  findHex(type: BlobType, id: string, skip = 0): number {
    return this.find(type, fromHex(id), skip);
  }

  location(record: number): BlobLocation {
    const { segment, at } = this.#record(record);
    return {
      pack: (segment[at + 8] as number) & ~treeBit,
      offset: segment[at + 9] as number,
      sealedBytes: segment[at + 10] as number,
      uncompressedBytes: segment[at + 11] as number,
    };
  }

  pack(record: number): number {
    const { segment, at } = this.#record(record);
    return (segment[at + 8] as number) & ~treeBit;
  }

  sealedBytes(record: number): number {
    const { segment, at } = this.#record(record);
    return segment[at + 10] as number;
  }

  type(record: number): BlobType {
    const { segment, at } = this.#record(record);
    return (segment[at + 8] as number) >= treeBit ? 'tree' : 'data';
  }

  /** The ID's 32 bytes, copied. */
  idBytes(record: number): Uint8Array {
    const { segment, at } = this.#record(record);
    return new Uint8Array(segment.slice(at, at + 8).buffer);
  }

  id(record: number): string {
    return toHex(this.idBytes(record));
  }

  /** The table for worker threads. Cheap; the same object until memory was added. */
  share(): BlobTable {
    return this.#table;
  }

  #record(record: number): { segment: Uint32Array; at: number } {
    const segment = this.#segments[record >>> segmentShift];
    if (segment === undefined || record >= this.#count) throw new RangeError('no such record');
    return { segment, at: (record & (segmentRecords - 1)) * recordWords };
  }

  /** Readers keep the old table until they get the new one: it stays valid and only misses what came later. */
  #growSlots(): void {
    const slots = new Int32Array(new SharedArrayBuffer(this.#slots.byteLength * 2));
    const words = new Uint32Array(2);
    for (let record = 0; record < this.#count; record++) {
      const { segment, at } = this.#record(record);
      words[1] = segment[at + 1] as number;
      insertSlot(slots, homeSlot(words, (segment[at + 8] as number) >= treeBit), record);
    }
    this.#slots = slots;
    this.#publish();
  }

  #publish(): void {
    this.#table = { version: this.#table.version + 1, slots: this.#slots, segments: [...this.#segments] };
  }
}

function insertSlot(slots: Int32Array, home: number, record: number): void {
  const mask = slots.length - 1;
  let slot = home & mask;
  while (slots[slot] !== 0) slot = (slot + 1) & mask;
  Atomics.store(slots, slot, record + 1);
}
