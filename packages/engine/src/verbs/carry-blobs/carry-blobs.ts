import { CodedError, forEachBounded } from '@holdfast/kernel';
import type { Storage } from '@holdfast/storage/port';
import type { BlobIndex } from '../../index/blob-index.ts';
import type { BlobType } from '../../index/blob-type.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { JobRunner } from '../pack-io/job-runner.ts';
import { type LoadedBytes, LoadMemory } from '../pack-io/load-memory.ts';
import { mergeRanges, type PackRange } from '../pack-io/merge-ranges.ts';
import { releaseBytes } from '../pack-io/release-bytes.ts';
import { carryHandler } from './carry-handler.ts';
import { type CarryCoding, type CarryJob, type CarryResult, type CarrySetup, sealedForm } from './carry-job.ts';

/** Where blobs come from. The index must not grow while the carrier lives. */
export interface CarrySource {
  readonly storage: Storage;
  readonly index: BlobIndex;
}

/** Where blobs go: a pack writer. Copies what it is given. */
export interface BlobSink {
  add(type: BlobType, id: Uint8Array, sealed: Uint8Array, uncompressedBytes: number): Promise<void>;
}

export interface CarryProgress {
  readonly packsDone: number;
  readonly packsTotal: number;
  readonly blobsDone: number;
  readonly blobsTotal: number;
  /** Sealed bytes, as they lie in the source. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface CarryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CarryProgress) => void) | undefined;
}

const limits = { maxGapBytes: 1 << 20, maxRangeBytes: 16 << 20 };
const inlineBytes = 8 << 20;
const budgetBytes = 48 << 20;

/**
 * Takes blobs out of packs and stores them again. Reads large stretches of packs, and verifies every blob (seal, decompression, hash) in
 * worker threads before it goes to the sink. A damaged copy is replaced by another copy if there is one; else the whole fails with
 * `blob-damaged`. What is stored by then stays with the sink.
 */
export class BlobCarrier implements AsyncDisposable {
  readonly #source: CarrySource;
  readonly #sink: BlobSink;
  readonly #jobs: JobRunner<CarrySetup, CarryJob, CarryResult>;
  readonly #memory = new LoadMemory(budgetBytes, limits.maxRangeBytes);

  constructor(source: CarrySource, coding: CarryCoding, sink: BlobSink) {
    this.#source = source;
    this.#sink = sink;
    const setup: CarrySetup = { coding, table: source.index.share() };
    const entry = new URL('./carry-worker.ts', import.meta.url);
    this.#jobs = new JobRunner({ entry, handler: carryHandler, setup, inlineBytes });
  }

  /** Carries the blobs of these records, of each blob one. */
  async carry(records: Uint32Array, options: CarryOptions = {}): Promise<void> {
    const { index, storage } = this.#source;
    const byPack = groupByPack(index, records);
    const progress = { packsDone: 0, packsTotal: byPack.size, blobsDone: 0, blobsTotal: records.length, bytesDone: 0, bytesTotal: 0 };
    for (const record of records) progress.bytesTotal += index.sealedBytes(record);
    await forEachBounded(
      rangesOf(index, byPack),
      Math.max(2, storage.properties.connections),
      async ({ range, isLast }) => {
        await this.#carryRange(range, options);
        progress.blobsDone += range.records.length;
        for (const record of range.records) progress.bytesDone += index.sealedBytes(record);
        if (isLast) progress.packsDone += 1;
        options.onProgress?.({ ...progress });
      },
      options.signal,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#jobs[Symbol.asyncDispose]();
  }

  async #carryRange(range: PackRange, options: CarryOptions): Promise<void> {
    for (const { record, reason } of await this.#verifyAndStore(range, options)) await this.#carryCopy(record, reason, options);
  }

  /** Returns what of the range could not be verified, and stores the rest. */
  async #verifyAndStore(range: PackRange, options: CarryOptions): Promise<CarryResult['damaged']> {
    const { index } = this.#source;
    const loaded = await this.#load(range, options);
    if (loaded instanceof CodedError) return Array.from(range.records, (record) => ({ record, reason: loaded.message }));
    using held = loaded;
    const { bytes, transfer } = held;
    const result = await this.#jobs.run({ bytes, startOffset: range.offset, records: range.records }, range.length, transfer);
    for (const blob of result.blobs) {
      await this.#sink.add(index.type(blob.record), index.idBytes(blob.record), sealedForm(result, blob), blob.uncompressedBytes);
    }
    releaseBytes(result.bytes);
    return result.damaged;
  }

  async #load(range: PackRange, options: CarryOptions): Promise<LoadedBytes | CodedError> {
    const call = options.signal === undefined ? {} : { signal: options.signal };
    try {
      const file = { type: 'data', name: range.pack } as const;
      return await this.#memory.load(this.#source.storage, file, { offset: range.offset, length: range.length }, range.length, call);
    } catch (error) {
      if (isDamage(error)) return error;
      throw error;
    }
  }

  /** Tries every copy, also the one that failed: alone it may be readable where a longer stretch was not. */
  async #carryCopy(record: number, reason: string, options: CarryOptions): Promise<void> {
    const { index } = this.#source;
    const type = index.type(record);
    const id = index.idBytes(record);
    for (let skip = 0; ; skip++) {
      const copy = index.find(type, id, skip);
      if (copy < 0) throw lost(type, index.id(record), reason);
      for (const range of mergeRanges(index, [copy], limits)) if ((await this.#verifyAndStore(range, options)).length === 0) return;
    }
  }
}

function groupByPack(index: BlobIndex, records: Uint32Array): Map<number, number[]> {
  const byPack = new Map<number, number[]>();
  for (const record of records) {
    const pack = index.pack(record);
    const group = byPack.get(pack);
    if (group === undefined) byPack.set(pack, [record]);
    else group.push(record);
  }
  return byPack;
}

function* rangesOf(index: BlobIndex, byPack: Map<number, number[]>): Generator<{ range: PackRange; isLast: boolean }> {
  for (const records of byPack.values()) {
    const ranges = mergeRanges(index, records, limits);
    for (const [i, range] of ranges.entries()) yield { range, isLast: i === ranges.length - 1 };
  }
}

function lost(type: BlobType, id: string, reason: string): CodedError {
  return new CodedError({
    code: 'blob-damaged',
    message: `The ${type} blob ${id} cannot be read from any of its copies: ${reason}`,
    hint: 'Run check --read-data to see what is damaged and which snapshots are affected.',
    context: { type, blob: id },
  });
}
