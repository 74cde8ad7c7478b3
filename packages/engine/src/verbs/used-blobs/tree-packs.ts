import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { BlobIndex } from '../../index/blob-index.ts';
import { mergeRanges } from '../pack-io/merge-ranges.ts';
import { movableBytes } from '../pack-io/movable-bytes.ts';

/** One read under way: a pack's bytes from `startOffset` on, and which of the wanted trees lie in them. */
export interface TreeRead {
  readonly records: Uint32Array<ArrayBuffer>;
  readonly startOffset: number;
  /** In shared memory if others look at them, too, else in a buffer of their own. */
  readonly bytes: Promise<Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>>;
}

interface Extent {
  start: number;
  end: number;
  wanted: boolean;
}

const cacheLimitBytes = 64 << 20;
const wholeShare = 1 / 8;
const sparse = { maxGapBytes: 64 << 10, maxRangeBytes: 4 << 20 };

/**
 * Reads trees out of packs in few, large reads. Trees lie together, and a walk comes back to the same pack for level after level: from
 * the second visit on, or when a good share of it is wanted at once, all trees of a pack are read and kept for a while. A lone tree of
 * a pack is read alone.
 */
export class TreePacks {
  readonly #storage: Storage;
  readonly #index: BlobIndex;
  readonly #extents = new Map<number, Extent>();
  readonly #cache = new Map<number, { readonly bytes: Promise<Uint8Array<SharedArrayBuffer>>; readonly sizeBytes: number }>();
  #cachedBytes = 0;

  constructor(storage: Storage, index: BlobIndex) {
    this.#storage = storage;
    this.#index = index;
    for (let record = 0; record < index.size; record++) {
      if (index.type(record) !== 'tree') continue;
      const { pack, offset, sealedBytes } = index.location(record);
      const extent = this.#extents.get(pack);
      if (extent === undefined) this.#extents.set(pack, { start: offset, end: offset + sealedBytes, wanted: false });
      else {
        extent.start = Math.min(extent.start, offset);
        extent.end = Math.max(extent.end, offset + sealedBytes);
      }
    }
  }

  isCached(pack: number): boolean {
    return this.#cache.has(pack);
  }

  /** Reads these trees, which all lie in that pack. */
  read(pack: number, records: readonly number[], options: CallOptions): TreeRead[] {
    const extent = this.#extents.get(pack);
    if (extent !== undefined && this.#takesWhole(pack, extent, records)) {
      return [{ records: Uint32Array.from(records), startOffset: extent.start, bytes: this.#whole(pack, extent, options) }];
    }
    return mergeRanges(this.#index, records, sparse).map(({ records: inRange, offset, length }) => {
      return { records: inRange, startOffset: offset, bytes: this.#load(pack, offset, length, options) };
    });
  }

  /** Reads one tree and nothing else. */
  readAlone(record: number, options: CallOptions): TreeRead {
    const { pack, offset, sealedBytes } = this.#index.location(record);
    return { records: Uint32Array.of(record), startOffset: offset, bytes: this.#load(pack, offset, sealedBytes, options) };
  }

  #takesWhole(pack: number, extent: Extent, records: readonly number[]): boolean {
    if (this.#cache.has(pack)) return true;
    const extentBytes = extent.end - extent.start;
    if (extentBytes > cacheLimitBytes / 2) return false;
    const wantedBytes = records.reduce((sum, record) => sum + this.#index.sealedBytes(record), 0);
    const again = extent.wanted;
    extent.wanted = true;
    return again || wantedBytes >= extentBytes * wholeShare;
  }

  #whole(pack: number, extent: Extent, options: CallOptions): Promise<Uint8Array<SharedArrayBuffer>> {
    const known = this.#cache.get(pack);
    if (known !== undefined) {
      this.#cache.delete(pack);
      this.#cache.set(pack, known); // the least recently used one is the first
      return known.bytes;
    }
    const sizeBytes = extent.end - extent.start;
    const entry = { bytes: this.#loadShared(pack, extent.start, sizeBytes, options), sizeBytes };
    this.#cache.set(pack, entry);
    this.#cachedBytes += sizeBytes;
    entry.bytes.catch(() => this.#drop(pack, sizeBytes)); // who asked for it gets the error; who asks next tries again
    for (const [oldest, { sizeBytes: oldBytes }] of this.#cache) {
      if (this.#cachedBytes <= cacheLimitBytes || oldest === pack) break;
      this.#drop(oldest, oldBytes);
    }
    return entry.bytes;
  }

  async #load(pack: number, offset: number, length: number, options: CallOptions): Promise<Uint8Array<ArrayBuffer>> {
    return movableBytes(await this.#storage.load({ type: 'data', name: this.#index.packId(pack) }, { offset, length }, options));
  }

  async #loadShared(pack: number, offset: number, length: number, options: CallOptions): Promise<Uint8Array<SharedArrayBuffer>> {
    const shared = new Uint8Array(new SharedArrayBuffer(length));
    const file = { type: 'data', name: this.#index.packId(pack) } as const;
    const loaded = await this.#storage.load(file, { offset, length }, { ...options, into: shared });
    if (loaded.buffer !== shared.buffer) shared.set(loaded);
    return shared;
  }

  #drop(pack: number, sizeBytes: number): void {
    if (this.#cache.delete(pack)) this.#cachedBytes -= sizeBytes;
  }
}
