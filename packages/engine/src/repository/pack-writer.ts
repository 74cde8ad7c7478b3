import { type Clock, type RandomSource, toHex } from '@holdfast/kernel';
import { bytesBody, type Storage } from '@holdfast/storage/port';
import type { Sealer } from '../crypto/sealer.ts';
import { sha256OffThread } from '../crypto/sha256.ts';
import { encodeIndex, type IndexedPack } from '../format/index-file.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { BlobType } from '../index/blob-type.ts';
import { SpareMemory } from '../posix/spare-memory.ts';
import { OpenPack } from './open-pack.ts';

export interface PackWriterPorts {
  readonly storage: Storage;
  readonly index: BlobIndex;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly random: RandomSource;
  saveIndex(plaintext: Uint8Array): Promise<string>;
}

export interface PackWriterOptions {
  readonly packSizeBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** How many packs may be on their way to the storage at once; default, and at most, as many as it has connections. */
  readonly packsInTransit?: number | undefined;
  /** Shared with the packs of other repositories; default: its own. */
  readonly memory?: SpareMemory | undefined;
  /** Nothing is stored before it resolves; where it rejects, nothing is stored at all. */
  readonly after?: Promise<void> | undefined;
}

export const defaultPackBytes = 16 << 20;
const openPacksPerType = 2;
const indexBlobLimit = 50_000;
const indexAgeNs = 600_000_000_000n;

/**
 * Gathers sealed blobs into packs and stores them. Blobs of a type go to one of two open packs at random, which hides where a file's
 * chunks lie (restic#5291). A pack is hashed once, in memory, saved, and only then named in an index file; index files are saved every
 * 50 000 blobs or ten minutes, so that an interrupted run keeps what it has stored. After a failure every call rejects with it.
 */
export class PackWriter {
  readonly #ports: PackWriterPorts;
  readonly #packBytes: number;
  readonly #signal: AbortSignal | undefined;
  readonly #after: Promise<void> | undefined;
  readonly #packsInTransit: number;
  readonly #open: Record<BlobType, (OpenPack | undefined)[]> = { data: [], tree: [] };
  readonly #memory: SpareMemory;
  readonly #uploads = new Set<Promise<void>>();
  #stored: IndexedPack[] = [];
  #storedBlobs = 0;
  #indexedAtNs: bigint;
  #savingIndex: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  constructor(ports: PackWriterPorts, options: PackWriterOptions) {
    this.#ports = ports;
    this.#packBytes = options.packSizeBytes ?? defaultPackBytes;
    this.#signal = options.signal;
    this.#after = options.after;
    const { connections } = ports.storage.properties;
    this.#packsInTransit = Math.min(options.packsInTransit ?? connections, connections);
    this.#memory = options.memory ?? new SpareMemory(openPacksPerType + this.#packsInTransit);
    this.#indexedAtNs = ports.clock.nowNs();
  }

  /**
   * Takes a sealed blob (copies it) that the index does not hold yet; from here on it does. Resolves when there is room for more: a caller
   * that waits bounds the memory to the open packs and those in transit.
   */
  add(type: BlobType, id: Uint8Array, sealed: Uint8Array, uncompressedBytes: number): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    const pack = this.#choose(type, sealed.byteLength);
    const offset = pack.append(sealed);
    const record = this.#ports.index.add(type, id, { pack: pack.number, offset, sealedBytes: sealed.byteLength, uncompressedBytes });
    pack.blobs.push({ type, id, offset, sealedBytes: sealed.byteLength, uncompressedBytes, record });
    if (pack.sizeBytes >= this.#packBytes) this.#close(type, pack);
    return this.room();
  }

  /** Resolves when fewer packs are in transit than may be. */
  async room(): Promise<void> {
    while (this.#failure === undefined && this.#uploads.size >= this.#packsInTransit) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Stores what is open, waits for what is in transit and saves the index. Everything added is then durable and can be found by others. */
  async flush(): Promise<void> {
    for (const type of ['data', 'tree'] as const) {
      const [first, second] = this.#open[type];
      if (first !== undefined && second !== undefined && first.sizeBytes + second.sizeBytes <= this.#packBytes)
        this.#merge(type, first, second);
      for (const pack of this.#open[type]) if (pack !== undefined) this.#close(type, pack);
    }
    await this.#settle();
    this.#queueIndex();
    await this.#savingIndex;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Ends without the open packs, but names in an index what was stored: the next run need not store it again. */
  async abandon(): Promise<void> {
    await this.#settle();
    this.#queueIndex();
    await this.#savingIndex;
  }

  async #settle(): Promise<void> {
    while (this.#uploads.size > 0) await Promise.all(this.#uploads);
  }

  #choose(type: BlobType, sealedBytes: number): OpenPack {
    if (sealedBytes >= this.#packBytes) return new OpenPack(this.#ports.index.addPack(''), sealedBytes);
    const place = this.#ports.random.below(openPacksPerType);
    const chosen = this.#open[type][place];
    if (chosen?.hasRoomFor(sealedBytes) === true) return chosen;
    if (chosen !== undefined) this.#close(type, chosen);
    // Trees are few and fill their packs slowly: memory that a full pack has left is not for them.
    const memory = type === 'data' ? this.#memory.take() : undefined;
    const pack = new OpenPack(this.#ports.index.addPack(''), this.#packBytes, memory);
    this.#open[type][place] = pack;
    return pack;
  }

  /** What is left at the end of a run is often small: one pack instead of two. */
  #merge(type: BlobType, into: OpenPack, from: OpenPack): void {
    for (const blob of from.blobs) {
      const offset = into.append(from.sealed(blob));
      into.blobs.push({ ...blob, offset });
      this.#ports.index.relocate(blob.record, into.number, offset);
    }
    this.#open[type] = this.#open[type].filter((pack) => pack !== from);
  }

  #close(type: BlobType, pack: OpenPack): void {
    this.#open[type] = this.#open[type].map((open) => (open === pack ? undefined : open));
    const upload = this.#store(pack)
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#uploads.delete(upload);
        for (const wake of this.#waiting.splice(0)) wake();
      });
    this.#uploads.add(upload);
  }

  async #store(pack: OpenPack): Promise<void> {
    const bytes = pack.finish(this.#ports.sealer);
    const name = toHex(await sha256OffThread(bytes));
    await this.#after;
    const options = this.#signal === undefined ? {} : { signal: this.#signal };
    await this.#ports.storage.save({ type: 'data', name }, bytesBody(bytes), options);
    this.#ports.index.namePack(pack.number, name);
    this.#stored.push({ id: name, blobs: pack.blobs });
    this.#storedBlobs += pack.blobs.length;
    this.#memory.give(pack.memory);
    if (this.#storedBlobs >= indexBlobLimit || this.#ports.clock.nowNs() - this.#indexedAtNs >= indexAgeNs) this.#queueIndex();
  }

  #queueIndex(): void {
    const packs = this.#stored;
    if (packs.length === 0) return;
    this.#stored = [];
    this.#storedBlobs = 0;
    this.#indexedAtNs = this.#ports.clock.nowNs();
    this.#savingIndex = this.#savingIndex
      .then(async () => void (await this.#ports.saveIndex(encodeIndex(packs))))
      .catch((error: unknown) => {
        this.#failure ??= { error };
      });
  }
}
