import { CodedError, fromHex, toHex } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../crypto/master-key.ts';
import { Sealer } from '../crypto/sealer.ts';
import { sha256 } from '../crypto/sha256.ts';
import { Zstd } from '../crypto/zstd.ts';
import type { BlobIndex, BlobLocation } from '../index/blob-index.ts';
import type { BlobType } from '../index/blob-type.ts';
import { TreePackCache } from './tree-pack-cache.ts';

export interface LoadBlobOptions extends CallOptions {
  /** Used for the content if it is long enough for it. */
  readonly memory?: ArrayBuffer | undefined;
}

/** Loads single blobs by ID: for trees, and for content that is wanted piece by piece. Restore and check load whole stretches of packs instead. */
export class BlobReader {
  readonly #storage: Storage;
  readonly #sealer: Sealer;
  readonly #zstd = new Zstd();
  readonly #index: BlobIndex;
  readonly #treePacks: TreePackCache;

  constructor(storage: Storage, masterKey: MasterKey, index: BlobIndex) {
    this.#storage = storage;
    this.#sealer = new Sealer(masterKey);
    this.#index = index;
    this.#treePacks = new TreePackCache(storage);
  }

  /** The content, verified against the ID. Copies in other packs are tried when one is damaged or missing; the first failure is thrown when none is good. */
  async load(type: BlobType, id: string, options: LoadBlobOptions): Promise<Uint8Array<ArrayBuffer>> {
    const idBytes = fromHex(id);
    let failure: unknown;
    for (let copy = 0; ; copy++) {
      const record = this.#index.find(type, idBytes, copy);
      if (record < 0) throw failure ?? missing(type, id);
      try {
        const location = this.#index.location(record);
        const sealed = await this.#loadSealed(type, this.#index.packId(location.pack), location, options);
        return this.#decode(id, sealed, location.uncompressedBytes, options.memory);
      } catch (error) {
        options.signal?.throwIfAborted();
        failure ??= damaged(type, id, error);
      }
    }
  }

  #loadSealed(type: BlobType, pack: string, { offset, sealedBytes }: BlobLocation, options: CallOptions): Promise<Uint8Array> {
    if (type === 'tree') return this.#treePacks.load(pack, offset, sealedBytes, options);
    return this.#storage.load({ type: 'data', name: pack }, { offset, length: sealedBytes }, options);
  }

  #decode(id: string, sealed: Uint8Array, uncompressedBytes: number, memory: ArrayBuffer | undefined): Uint8Array<ArrayBuffer> {
    let content = this.#sealer.open(sealed);
    if (uncompressedBytes > 0) {
      const fits = memory !== undefined && memory.byteLength >= uncompressedBytes;
      const out = fits ? new Uint8Array(memory, 0, uncompressedBytes) : new Uint8Array(uncompressedBytes);
      content = out.subarray(0, this.#zstd.decompressInto(out, content));
    }
    if (toHex(sha256(content)) !== id)
      throw new CodedError({ code: 'blob-damaged', message: `Blob ${id} has other content than its ID says` });
    return content;
  }
}

function missing(type: BlobType, id: string): CodedError {
  return new CodedError({
    code: 'blob-missing',
    message: `The ${type} blob ${id} is in no index of the repository`,
    hint: 'Run check to see which snapshots are affected.',
    context: { type, blob: id },
  });
}

function damaged(type: BlobType, id: string, cause: unknown): unknown {
  if (CodedError.is(cause) && cause.retry === 'temporary') return cause;
  return new CodedError({
    code: 'blob-damaged',
    message: `The ${type} blob ${id} cannot be read: ${cause instanceof Error ? cause.message : 'unknown error'}`,
    hint: 'Run check --read-data to see what is damaged and which snapshots are affected.',
    context: { type, blob: id },
    cause,
  });
}
