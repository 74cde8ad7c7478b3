import { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { type Compression, effortOf } from '../../crypto/compression.ts';
import type { MasterKey } from '../../crypto/master-key.ts';
import { encodeSnapshot } from '../../format/snapshot.ts';
import type { BlobIndex } from '../../index/blob-index.ts';
import { BlobCarrier, type BlobSink } from '../carry-blobs/carry-blobs.ts';
import { TreeWalk } from '../used-blobs/tree-walk.ts';
import { usedBit } from '../used-blobs/tree-walk-job.ts';
import { isSameSnapshot, type NamedSnapshot, persistentId } from './same-snapshot.ts';

/** What copying reads from. Its index is loaded. */
export interface CopySource {
  readonly version: 1 | 2;
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  readonly index: BlobIndex;
}

/** What copying writes to. Its index is loaded. */
export interface CopyDestination {
  readonly version: 1 | 2;
  readonly masterKey: MasterKey;
  readonly index: BlobIndex;
  snapshots(options?: CallOptions): Promise<readonly NamedSnapshot[]>;
  packWriter(options: { readonly packSizeBytes?: number; readonly signal?: AbortSignal }): BlobSink & {
    flush(): Promise<void>;
    abandon(): Promise<void>;
  };
  saveFile(type: 'snapshot', plaintext: Uint8Array, options?: CallOptions): Promise<string>;
}

/** How far the copying of all snapshots is. Totals grow with every snapshot that is looked at. */
export interface CopyProgress {
  readonly snapshotsDone: number;
  readonly snapshotsTotal: number;
  readonly blobsDone: number;
  readonly blobsTotal: number;
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface CopyOptions {
  readonly packSizeBytes?: number;
  /** For what is compressed anew; frames of the source are kept as they are. Default `auto`. */
  readonly compression?: Compression | undefined;
  /** Compresses data blobs that a source of version 2 holds raw. Those of version 1 are always compressed, unless the level is 0. */
  readonly recompress?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CopyProgress) => void;
  /** Tells the outcome for each snapshot, in order. */
  readonly onSnapshot?: (outcome: CopyOutcome) => void;
}

export interface CopyOutcome {
  readonly sourceId: string;
  /** ID of the copy; of the one that was there already if `isNew` is false. */
  readonly destinationId: string;
  readonly isNew: boolean;
}

export interface CopyReport {
  readonly outcomes: readonly CopyOutcome[];
  readonly blobs: number;
  /** Sealed bytes read from the source. */
  readonly bytes: number;
}

/** Bit of a mark of the walk: the blob is in the destination, or on its way there. */
const copiedBit = 4;
const defaultPackBytes = 16 << 20;
const batchPacks = 100;
const batchMs = 60_000;

/**
 * Copies snapshots with everything they refer to into another repository. Blobs keep their IDs and, where the destination can hold them,
 * their compressed frames; each is verified before it is sealed with the destination's key. Snapshots that the destination has already
 * are left out. A snapshot is saved after everything it needs is stored and indexed there, in batches, so that an interrupted copy keeps
 * what was complete. Ends with an error at the first damage in the source. The caller holds a lock on both sides (not exclusive).
 */
export async function copySnapshots(
  source: CopySource,
  destination: CopyDestination,
  snapshots: readonly NamedSnapshot[],
  options: CopyOptions = {},
): Promise<CopyReport> {
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const present = byAnyId(await destination.snapshots(call));
  await using copy = new Copy(source, destination, snapshots.length, options);
  for (const snapshot of snapshots) {
    const known = present.get(persistentId(snapshot))?.find((other) => isSameSnapshot(other, snapshot));
    if (known === undefined) await copy.add(snapshot);
    else copy.skip(snapshot, known.id);
  }
  return copy.finish();
}

/** A snapshot is found by its own ID and by that of the one it descends from. */
function byAnyId(snapshots: readonly NamedSnapshot[]): Map<string, NamedSnapshot[]> {
  const byId = new Map<string, NamedSnapshot[]>();
  for (const snapshot of snapshots) {
    for (const id of new Set([snapshot.id, persistentId(snapshot)])) {
      const group = byId.get(id);
      if (group === undefined) byId.set(id, [snapshot]);
      else group.push(snapshot);
    }
  }
  return byId;
}

class Copy implements AsyncDisposable {
  readonly #source: CopySource;
  readonly #destination: CopyDestination;
  readonly #options: CopyOptions;
  readonly #walk: TreeWalk;
  readonly #writer: BlobSink & { flush(): Promise<void>; abandon(): Promise<void> };
  readonly #carrier: BlobCarrier;
  readonly #outcomes: CopyOutcome[] = [];
  readonly #progress: { -readonly [K in keyof CopyProgress]: CopyProgress[K] };
  #batch: NamedSnapshot[] = [];
  #batchBytes = 0;
  #batchStartMs = performance.now();

  constructor(source: CopySource, destination: CopyDestination, snapshotsTotal: number, options: CopyOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#options = options;
    this.#progress = { snapshotsDone: 0, snapshotsTotal, blobsDone: 0, blobsTotal: 0, bytesDone: 0, bytesTotal: 0 };
    const { packSizeBytes, signal, compression = 'auto' } = options;
    this.#writer = destination.packWriter({
      ...(packSizeBytes === undefined ? {} : { packSizeBytes }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.#walk = new TreeWalk(source);
    const coding = {
      sourceKey: source.masterKey,
      isSameKey: false,
      targetKey: destination.masterKey,
      targetVersion: destination.version,
      compressRawData: compression !== 'off' && (source.version === 1 || options.recompress === true),
      effort: effortOf(compression),
    };
    this.#carrier = new BlobCarrier(source, coding, this.#writer);
  }

  async add(snapshot: NamedSnapshot): Promise<void> {
    try {
      await this.#carryBlobs(snapshot);
    } catch (error) {
      const { signal } = this.#options;
      if (signal?.aborted !== true)
        await this.#saveBatch(); // what was complete before stays
      else if (!CodedError.is(signal.reason, 'lock-lost')) await this.#writer.abandon();
      throw error;
    }
    this.#batch.push(snapshot);
    const isLarge = this.#batchBytes >= batchPacks * (this.#options.packSizeBytes ?? defaultPackBytes);
    if (isLarge && performance.now() - this.#batchStartMs >= batchMs) await this.#saveBatch();
  }

  skip(snapshot: NamedSnapshot, destinationId: string): void {
    this.#conclude({ sourceId: snapshot.id, destinationId, isNew: false });
  }

  async finish(): Promise<CopyReport> {
    await this.#saveBatch();
    return { outcomes: this.#outcomes, blobs: this.#progress.blobsDone, bytes: this.#progress.bytesDone };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#walk[Symbol.asyncDispose]();
    await this.#carrier[Symbol.asyncDispose]();
  }

  async #carryBlobs(snapshot: NamedSnapshot): Promise<void> {
    const { signal } = this.#options;
    await this.#walk.mark([snapshot.tree], { signal });
    await this.#walk.rest();
    const problem = this.#walk.problems[0];
    if (problem !== undefined) throw damagedSource(snapshot, problem.error);
    const missing = this.#missingBlobs();
    const { blobsDone, bytesDone } = this.#progress;
    this.#progress.blobsTotal += missing.length;
    for (const record of missing) this.#progress.bytesTotal += this.#source.index.sealedBytes(record);
    await this.#carrier.carry(missing, {
      signal,
      onProgress: (progress) => {
        this.#progress.blobsDone = blobsDone + progress.blobsDone;
        this.#progress.bytesDone = bytesDone + progress.bytesDone;
        this.#options.onProgress?.({ ...this.#progress });
      },
    });
    this.#batchBytes += this.#progress.bytesDone - bytesDone;
  }

  /** Records of what the walk has marked since the last time and the destination does not have. */
  #missingBlobs(): Uint32Array {
    const { marks } = this.#walk;
    const { index } = this.#source;
    const missing: number[] = [];
    for (let record = 0; record < marks.length; record++) {
      if (((marks[record] as number) & (usedBit | copiedBit)) !== usedBit) continue;
      marks[record] = (marks[record] as number) | copiedBit;
      if (this.#destination.index.find(index.type(record), index.idBytes(record)) < 0) missing.push(record);
    }
    return Uint32Array.from(missing);
  }

  async #saveBatch(): Promise<void> {
    await this.#writer.flush();
    const call: CallOptions = this.#options.signal === undefined ? {} : { signal: this.#options.signal };
    for (const snapshot of this.#batch) {
      const { id, ...copied } = snapshot;
      const json = encodeSnapshot({ ...copied, parent: undefined, original: persistentId(snapshot) });
      this.#conclude({ sourceId: id, destinationId: await this.#destination.saveFile('snapshot', json, call), isNew: true });
    }
    this.#batch = [];
    this.#batchBytes = 0;
    this.#batchStartMs = performance.now();
  }

  #conclude(outcome: CopyOutcome): void {
    this.#outcomes.push(outcome);
    this.#progress.snapshotsDone += 1;
    this.#options.onProgress?.({ ...this.#progress });
    this.#options.onSnapshot?.(outcome);
  }
}

function damagedSource(snapshot: NamedSnapshot, cause: CodedError): CodedError {
  return new CodedError({
    code: cause.code,
    message: `Snapshot ${snapshot.id} cannot be copied: ${cause.message}`,
    hint: 'Run check on the source. The other snapshots can be copied by naming them.',
    context: cause.context,
    cause,
  });
}
