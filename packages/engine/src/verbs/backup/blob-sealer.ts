import { CodedError, toHex } from '@holdfast/kernel';
import { type Compression, effortOf } from '../../crypto/compression.ts';
import { Sealer, sealOverheadBytes } from '../../crypto/sealer.ts';
import { sha256Into } from '../../crypto/sha256.ts';
import { type Codec, compressBound } from '../../crypto/zstd.ts';
import { type BlobTable, findRecord } from '../../index/blob-table.ts';
import type { BlobType } from '../../index/blob-type.ts';
import type { SealingDestination } from './backup-job.ts';
import type { OutputRing } from './output-ring.ts';

const zeroChunkBytes = 512 * 1024;
const recentLimit = 4096;

/**
 * Turns content into blobs: hash, look up, compress once, seal for every destination that lacks it. Before anything leaves, each sealed
 * blob is opened again and each frame decompressed and compared with the content, so that a fault of codec, cipher or memory between is
 * caught before it is stored (F31).
 */
export class BlobSealer {
  readonly #sealers: readonly Sealer[];
  readonly #versions: readonly (1 | 2)[];
  readonly #compression: Compression;
  readonly #codec: Codec;
  readonly #ring: OutputRing;
  #tables: readonly (BlobTable | null)[] = [];
  readonly #id = new Uint8Array(32);
  readonly #words = new Uint32Array(this.#id.buffer);
  readonly #zeroChunk = new Uint8Array(zeroChunkBytes);
  #zeroId: Uint8Array | undefined;
  #frame = new Uint8Array(0);
  #opened = new Uint8Array(0);
  #restored = new Uint8Array(0);
  #recent = new Set<string>();
  #lessRecent = new Set<string>();

  constructor(destinations: readonly SealingDestination[], compression: Compression, codec: Codec, ring: OutputRing) {
    this.#sealers = destinations.map((destination) => new Sealer(destination.masterKey));
    this.#versions = destinations.map((destination) => destination.version);
    this.#compression = compression;
    this.#codec = codec;
    this.#ring = ring;
  }

  set tables(tables: readonly (BlobTable | null)[]) {
    this.#tables = tables;
  }

  /** Whether every destination that still works has the blob. */
  isKnownEverywhere(type: BlobType, id: Uint8Array): boolean {
    this.#id.set(id);
    return this.#tables.every((table) => table === null || findRecord(table, this.#words, type === 'tree') >= 0);
  }

  /** Stores the content where it is missing and returns its ID in hexadecimal. */
  store(type: BlobType, content: Uint8Array): string {
    this.#hash(content);
    const id = toHex(this.#id);
    const missing = this.#missingFrom(type);
    if (missing.length === 0 || this.#wasJustStored(type, id)) return id;
    let frameBytes = 0;
    if (missing.some((destination) => this.#compresses(destination, type))) frameBytes = this.#compress(content);
    // A frame that is not smaller is of no use for data; trees in packs of version 2 are compressed without exception.
    const useFrame = frameBytes > 0 && (type === 'tree' || frameBytes < content.byteLength);
    // A frame that is of no use leaves its memory to what is read back: either may be as long as the longest chunk.
    if (useFrame) this.#restored = withRoom(this.#restored, content.byteLength);
    else this.#frame = withRoom(this.#frame, content.byteLength);
    const restored = useFrame ? this.#restored : this.#frame;
    for (const destination of missing) {
      const compressed = useFrame && this.#compresses(destination, type);
      this.#seal(
        destination,
        type,
        compressed ? this.#frame.subarray(0, frameBytes) : content,
        compressed ? content.byteLength : 0,
        content,
        restored,
      );
    }
    return id;
  }

  #hash(content: Uint8Array): void {
    const isZeros = content.byteLength === zeroChunkBytes && content[0] === 0 && Buffer.compare(content, this.#zeroChunk) === 0;
    if (!isZeros) return sha256Into(this.#id, content);
    if (this.#zeroId === undefined) {
      sha256Into(this.#id, content);
      this.#zeroId = this.#id.slice();
    }
    this.#id.set(this.#zeroId);
  }

  #missingFrom(type: BlobType): number[] {
    const missing: number[] = [];
    this.#tables.forEach((table, destination) => {
      if (table !== null && findRecord(table, this.#words, type === 'tree') < 0) missing.push(destination);
    });
    return missing;
  }

  /** What this thread sealed a moment ago may not be in the index yet. The main thread drops what two threads sealed at the same time. */
  #wasJustStored(type: BlobType, id: string): boolean {
    const key = type === 'tree' ? `t${id}` : id;
    if (this.#recent.has(key) || this.#lessRecent.has(key)) return true;
    if (this.#recent.size >= recentLimit) {
      this.#lessRecent = this.#recent;
      this.#recent = new Set();
    }
    this.#recent.add(key);
    return false;
  }

  #compresses(destination: number, type: BlobType): boolean {
    return this.#versions[destination] === 2 && (type === 'tree' || this.#compression !== 'off');
  }

  #compress(content: Uint8Array): number {
    const effort = effortOf(this.#compression);
    this.#frame = withRoom(this.#frame, compressBound(content.byteLength));
    return this.#codec.compressInto(this.#frame, content, effort);
  }

  #seal(
    destination: number,
    type: BlobType,
    payload: Uint8Array,
    uncompressedBytes: number,
    content: Uint8Array,
    restoredRoom: Uint8Array,
  ): void {
    const sealer = this.#sealers[destination];
    if (sealer === undefined) throw new CodedError({ code: 'internal', message: 'A blob was sealed for a destination that is not there' });
    const sealedBytes = payload.byteLength + sealOverheadBytes;
    const room = this.#ring.reserve(sealedBytes);
    sealer.sealInto(room, payload);
    const restored = this.#readBack(sealer, room, payload, uncompressedBytes, restoredRoom);
    if (restored === undefined || Buffer.compare(restored, content) !== 0) throw notWhatItWas(toHex(this.#id));
    this.#ring.commit(room, { destination, type, id: this.#id, sealedBytes, uncompressedBytes, contentBytes: content.byteLength });
  }

  /** What a restore will get of the sealed blob; undefined if it cannot be read. */
  #readBack(
    sealer: Sealer,
    sealed: Uint8Array,
    payload: Uint8Array,
    uncompressedBytes: number,
    restored: Uint8Array,
  ): Uint8Array | undefined {
    try {
      if (uncompressedBytes === 0) return restored.subarray(0, sealer.openInto(restored, sealed));
      this.#opened = withRoom(this.#opened, payload.byteLength);
      const opened = this.#opened.subarray(0, sealer.openInto(this.#opened, sealed));
      return restored.subarray(0, this.#codec.decompressInto(restored, opened));
    } catch (error) {
      if (!CodedError.is(error, 'file-damaged')) throw error;
      return undefined;
    }
  }
}

function withRoom(buffer: Uint8Array<ArrayBuffer>, bytes: number): Uint8Array<ArrayBuffer> {
  return buffer.byteLength >= bytes ? buffer : new Uint8Array(bytes + (bytes >>> 2));
}

function notWhatItWas(id: string): CodedError {
  return new CodedError({
    code: 'verification-failed',
    message: `Blob ${id} did not read back as what was to be stored; nothing of it was stored`,
    hint: 'Memory or processor of this machine may be faulty: test them before you trust it with backups.',
    context: { blob: id },
  });
}
