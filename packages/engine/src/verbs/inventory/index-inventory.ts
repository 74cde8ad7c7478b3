import { decodeIndex } from '../../format/index-file.ts';
import { BlobIndex, type BlobLocation } from '../../index/blob-index.ts';
import type { BlobType } from '../../index/blob-type.ts';

/** What the blobs of a pack are. Packs of both kinds are legal, and a reason to repack. */
export type PackKind = 'data' | 'tree' | 'mixed';

/** An index file: the packs it names and how many blobs it lists. */
export interface IndexFileFacts {
  readonly packs: readonly number[];
  readonly blobs: number;
}

const headerOverheadBytes = 36;
const rawEntryBytes = 37;
const compressedEntryBytes = 41;

/**
 * The index together with what it was read from: which index file names which pack, which records belong to a pack, and how long a pack
 * must be. A pack named by several files is one pack here, with the union of their blobs.
 */
export class IndexInventory {
  readonly index: BlobIndex;
  /** By name of the index file. */
  readonly files = new Map<string, IndexFileFacts>();
  /** Packs to which index files give different blobs. */
  readonly contradictory = new Set<number>();
  readonly #numbers = new Map<string, number>();
  readonly #firstRecords: number[] = [];
  readonly #recordCounts: number[] = [];
  readonly #strayRecords = new Map<number, number[]>();
  readonly #fileNames: string[] = [];
  readonly #firstFiles: number[] = [];
  readonly #otherFiles = new Map<number, number[]>();

  constructor(index: BlobIndex = new BlobIndex()) {
    this.index = index;
  }

  get packCount(): number {
    return this.#firstRecords.length;
  }

  /** The pack's number, if an index file names it. */
  packNumber(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  /** Adds what one index file says. A file that does not parse is `format-invalid`; what came before the fault stays. */
  addFile(name: string, plaintext: Uint8Array): void {
    const file = this.#fileNames.push(name) - 1;
    const listed = new Map<number, number>();
    let pack = -1;
    let isNew = false;
    let blobs = 0;
    decodeIndex(plaintext, {
      pack: (id) => {
        ({ pack, isNew } = this.#meet(id, file));
        if (!listed.has(pack)) listed.set(pack, 0);
      },
      blob: (type, id, offset, sealedBytes, uncompressedBytes) => {
        blobs += 1;
        listed.set(pack, (listed.get(pack) ?? 0) + 1);
        const location = { pack, offset, sealedBytes, uncompressedBytes };
        if (isNew) this.#add(type, id, location);
        else if (!this.#holds(type, id, location)) this.#addStray(type, id, location, file);
      },
    });
    for (const [number, count] of listed) {
      if (this.#firstFiles[number] !== file && count !== this.#countOf(number)) this.contradictory.add(number);
    }
    this.files.set(name, { packs: [...listed.keys()], blobs });
  }

  /** Names of the index files that name the pack. */
  filesOf(pack: number): string[] {
    const files = [this.#firstFiles[pack] ?? -1, ...(this.#otherFiles.get(pack) ?? [])];
    return files.map((file) => this.#fileNames[file] ?? '');
  }

  /** Packs named by more than one index file. */
  duplicatePacks(): number[] {
    return [...this.#otherFiles.keys()];
  }

  /** The records of the blobs of the pack. */
  *records(pack: number): Generator<number> {
    const first = this.#firstRecords[pack] ?? 0;
    const count = this.#recordCounts[pack] ?? 0;
    for (let record = first; record < first + count; record++) yield record;
    yield* this.#strayRecords.get(pack) ?? [];
  }

  kind(pack: number): PackKind {
    let kind: PackKind | undefined;
    for (const record of this.records(pack)) {
      const type = this.index.type(record);
      if (kind === undefined) kind = type;
      else if (kind !== type) return 'mixed';
    }
    return kind ?? 'data';
  }

  /** How long the header of the pack is, with its seal and its length field. */
  headerBytes(pack: number): number {
    let bytes = headerOverheadBytes;
    for (const record of this.records(pack))
      bytes += this.index.location(record).uncompressedBytes > 0 ? compressedEntryBytes : rawEntryBytes;
    return bytes;
  }

  /** How long the pack must be: its blobs and its header, without a gap. */
  packBytes(pack: number): number {
    let bytes = this.headerBytes(pack);
    for (const record of this.records(pack)) bytes += this.index.sealedBytes(record);
    return bytes;
  }

  #meet(id: string, file: number): { pack: number; isNew: boolean } {
    const known = this.#numbers.get(id);
    if (known !== undefined) {
      const others = this.#otherFiles.get(known) ?? [];
      if (this.#firstFiles[known] !== file && !others.includes(file)) this.#otherFiles.set(known, [...others, file]);
      return { pack: known, isNew: false };
    }
    const pack = this.index.addPack(id);
    this.#numbers.set(id, pack);
    this.#firstRecords[pack] = this.index.size;
    this.#recordCounts[pack] = 0;
    this.#firstFiles[pack] = file;
    return { pack, isNew: true };
  }

  #add(type: BlobType, id: Uint8Array, location: BlobLocation): void {
    this.index.add(type, id, location);
    this.#recordCounts[location.pack] = (this.#recordCounts[location.pack] ?? 0) + 1;
  }

  #addStray(type: BlobType, id: Uint8Array, location: BlobLocation, file: number): void {
    const record = this.index.add(type, id, location);
    const strays = this.#strayRecords.get(location.pack);
    if (strays === undefined) this.#strayRecords.set(location.pack, [record]);
    else strays.push(record);
    if (this.#firstFiles[location.pack] !== file) this.contradictory.add(location.pack);
  }

  #holds(type: BlobType, id: Uint8Array, location: BlobLocation): boolean {
    for (let skip = 0; ; skip++) {
      const record = this.index.find(type, id, skip);
      if (record < 0) return false;
      const known = this.index.location(record);
      if (
        known.pack === location.pack &&
        known.offset === location.offset &&
        known.sealedBytes === location.sealedBytes &&
        known.uncompressedBytes === location.uncompressedBytes
      ) {
        return true;
      }
    }
  }

  #countOf(pack: number): number {
    return (this.#recordCounts[pack] ?? 0) + (this.#strayRecords.get(pack)?.length ?? 0);
  }
}
