import { CodedError } from '@holdfast/kernel';
import type { Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../../crypto/master-key.ts';
import type { BlobIndex } from '../../index/blob-index.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { JobRunner } from '../pack-io/job-runner.ts';
import { TreePacks, type TreeRead } from './tree-packs.ts';
import { treeWalkHandler } from './tree-walk-handler.ts';
import {
  type Marks,
  newMarks,
  type TreeFault,
  type TreeWalkJob,
  type TreeWalkResult,
  type TreeWalkSetup,
  usedBit,
} from './tree-walk-job.ts';

/** What a walk needs of a repository. The index must not grow while the walk lives. */
export interface TreeRepository {
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  readonly index: BlobIndex;
}

/** Something wrong below the roots: in the tree of that ID. */
export interface TreeProblem {
  readonly treeId: string;
  readonly error: CodedError;
}

export interface TreeWalkProgress {
  readonly treesDone: number;
  /** Grows while the walk meets new trees. */
  readonly treesFound: number;
}

export interface TreeWalkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TreeWalkProgress) => void) | undefined;
}

export interface TreeWalkSettings {
  /** Marks made before, for an index of this size. */
  readonly marks?: Marks;
  /** How many problems are kept; all are counted. */
  readonly problemLimit?: number;
}

/** Bit of a mark: the tree could not be read from any of its copies. */
export const unreadableBit = 2;

const jobBytes = 512 << 10;
const inlineBytes = 1 << 20;
const mostReads = 8;

/**
 * Walks the trees below snapshots, each tree once over all calls, and marks every blob that they use. Reads ahead in several packs;
 * opening, decompressing, verifying and parsing happens in worker threads. What is damaged or missing is a problem, not an exception:
 * a caller that is going to delete something must ask `problemCount`.
 */
export class TreeWalk implements AsyncDisposable {
  readonly marks: Marks;
  /** The first problems, up to the limit. */
  readonly problems: TreeProblem[] = [];
  #problemCount = 0;
  readonly #repository: TreeRepository;
  readonly #problemLimit: number;
  readonly #packs: TreePacks;
  readonly #jobs: JobRunner<TreeWalkSetup, TreeWalkJob, TreeWalkResult>;
  readonly #pending = new Map<number, number[]>();
  readonly #copiesTried = new Map<string, number>();
  #treesDone = 0;
  #treesFound = 0;

  constructor(repository: TreeRepository, settings: TreeWalkSettings = {}) {
    this.#repository = repository;
    this.#problemLimit = settings.problemLimit ?? 1000;
    this.marks = settings.marks ?? newMarks(repository.index.size);
    this.#packs = new TreePacks(repository.storage, repository.index);
    const setup: TreeWalkSetup = { masterKey: repository.masterKey, table: repository.index.share(), marks: this.marks };
    const entry = new URL('./tree-walk-worker.ts', import.meta.url);
    this.#jobs = new JobRunner({ entry, handler: treeWalkHandler, setup, inlineBytes });
  }

  /** How many problems there were in all calls so far. 0 means that everything the snapshots use is marked and indexed. */
  get problemCount(): number {
    return this.#problemCount;
  }

  get treesDone(): number {
    return this.#treesDone;
  }

  /** Walks the trees of these IDs and all below that were not walked before. */
  async mark(roots: readonly string[], options: TreeWalkOptions = {}): Promise<void> {
    for (const root of roots) this.#addRoot(root);
    const running = new Set<Promise<void>>();
    const limit = Math.max(2, Math.min(this.#repository.storage.properties.connections, mostReads));
    let failure: { readonly error: unknown } | undefined;
    while (failure === undefined) {
      const visit = running.size < limit && options.signal?.aborted !== true ? this.#nextVisit(options) : undefined;
      if (visit !== undefined) {
        const task = visit
          .catch((error: unknown) => {
            failure ??= { error };
          })
          .finally(() => running.delete(task));
        running.add(task);
      } else if (running.size > 0) await Promise.race(running);
      else break;
    }
    await Promise.all(running);
    if (failure !== undefined) throw failure.error;
    options.signal?.throwIfAborted();
  }

  /** Gives the memory of the threads back between two calls of `mark`. */
  rest(): Promise<void> {
    return this.#jobs.rest();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#jobs[Symbol.asyncDispose]();
  }

  #addRoot(id: string): void {
    const record = this.#repository.index.findHex('tree', id);
    if (record < 0) this.#problem(id, missing('tree', id, 'A snapshot'));
    else if ((Atomics.or(this.marks, record, usedBit) & usedBit) === 0) this.#enqueue(record);
  }

  #enqueue(record: number): void {
    const pack = this.#repository.index.pack(record);
    const pending = this.#pending.get(pack);
    if (pending === undefined) this.#pending.set(pack, [record]);
    else pending.push(record);
    this.#treesFound += 1;
  }

  /** Takes a pack that is in memory, else the one with the most trees to read. */
  #nextVisit(options: TreeWalkOptions): Promise<void> | undefined {
    let chosen: number | undefined;
    let most = 0;
    for (const [pack, records] of this.#pending) {
      const weight = records.length + (this.#packs.isCached(pack) ? 1e9 : 0);
      if (weight <= most) continue;
      chosen = pack;
      most = weight;
    }
    if (chosen === undefined) return undefined;
    const records = this.#pending.get(chosen) ?? [];
    this.#pending.delete(chosen);
    return this.#visit(chosen, records, options);
  }

  async #visit(pack: number, records: readonly number[], options: TreeWalkOptions): Promise<void> {
    const call = options.signal === undefined ? {} : { signal: options.signal };
    const reads = this.#packs.read(pack, records, call);
    const results = await Promise.allSettled(reads.map((read) => this.#readTrees(read, options)));
    for (const [i, result] of results.entries()) {
      if (result.status === 'fulfilled') continue;
      if (!isDamage(result.reason)) throw result.reason;
      await this.#readAlone(reads[i]?.records ?? [], call, options);
    }
  }

  /** After a read across several trees failed: part of the pack may still be there. */
  async #readAlone(records: Iterable<number>, call: { signal?: AbortSignal }, options: TreeWalkOptions): Promise<void> {
    for (const record of records) {
      try {
        await this.#readTrees(this.#packs.readAlone(record, call), options);
      } catch (error) {
        if (!isDamage(error)) throw error;
        this.#receive({ kind: 'unreadable', record, reason: error.message });
      }
    }
  }

  async #readTrees({ records, startOffset, bytes: loading }: TreeRead, options: TreeWalkOptions): Promise<void> {
    const bytes = await loading;
    const isShared = bytes.buffer instanceof SharedArrayBuffer;
    const jobs = isShared ? this.#split(records) : [records];
    await Promise.all(
      jobs.map(async (part) => {
        const sizeBytes = part.reduce((sum, record) => sum + this.#repository.index.sealedBytes(record), 0);
        const transfer = isShared ? [] : [bytes.buffer as ArrayBuffer];
        const { subtrees, faults } = await this.#jobs.run({ bytes, startOffset, records: part }, sizeBytes, transfer);
        for (const subtree of subtrees) this.#enqueue(subtree);
        for (const fault of faults) this.#receive(fault);
        this.#treesDone += part.length;
        options.onProgress?.({ treesDone: this.#treesDone, treesFound: this.#treesFound });
      }),
    );
  }

  /** So that all threads have something to do. */
  #split(records: Uint32Array): Uint32Array[] {
    const parts: Uint32Array[] = [];
    let start = 0;
    let sizeBytes = 0;
    records.forEach((record, i) => {
      sizeBytes += this.#repository.index.sealedBytes(record);
      if (sizeBytes < jobBytes && i < records.length - 1) return;
      parts.push(records.slice(start, i + 1));
      start = i + 1;
      sizeBytes = 0;
    });
    return parts;
  }

  #receive(fault: TreeFault): void {
    const { index } = this.#repository;
    const treeId = index.id(fault.record);
    if (fault.kind === 'unreadable') this.#tryCopy(treeId, fault.reason);
    else if (fault.kind === 'blob-missing') {
      const what = `${fault.isTree ? 'The directory' : 'The file'} ${shown(fault.name)} in tree ${treeId}`;
      this.#problem(treeId, missing(fault.isTree ? 'tree' : 'data', fault.blob, what));
    } else
      this.#problem(
        treeId,
        new CodedError({ code: 'format-invalid', message: `The node ${shown(fault.name)} in tree ${treeId} ${fault.reason}` }),
      );
  }

  /** A tree may be stored more than once: it is lost only when no copy can be read. */
  #tryCopy(treeId: string, reason: string): void {
    const { index } = this.#repository;
    const tried = (this.#copiesTried.get(treeId) ?? 0) + 1;
    this.#copiesTried.set(treeId, tried);
    const copy = index.findHex('tree', treeId, tried);
    if (copy >= 0) return this.#enqueue(copy);
    const first = index.findHex('tree', treeId);
    if (first >= 0) Atomics.or(this.marks, first, unreadableBit);
    this.#problem(
      treeId,
      new CodedError({
        code: 'blob-damaged',
        message: `The tree ${treeId} cannot be read: ${reason}`,
        hint: 'Run check --read-data to see what else is damaged and which snapshots are affected.',
        context: { type: 'tree', blob: treeId },
      }),
    );
  }

  #problem(treeId: string, error: CodedError): void {
    this.#problemCount += 1;
    if (this.problems.length < this.#problemLimit) this.problems.push({ treeId, error });
  }
}

function missing(type: 'tree' | 'data', blob: string, who: string): CodedError {
  return new CodedError({
    code: 'blob-missing',
    message: `${who} needs the ${type} blob ${blob}, which is in no index`,
    hint: 'Restore missing index files or packs from a copy of the repository, or back the same files up again.',
    context: { type, blob },
  });
}

function shown(name: Uint8Array): string {
  return JSON.stringify(Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString());
}
