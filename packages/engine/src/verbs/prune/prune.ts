import { CodedError, forEachBounded } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { type Compression, effortOf } from '../../crypto/compression.ts';
import type { MasterKey } from '../../crypto/master-key.ts';
import { BlobCarrier, type BlobSink } from '../carry-blobs/carry-blobs.ts';
import { IndexInventory } from '../inventory/index-inventory.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { TreeWalk } from '../used-blobs/tree-walk.ts';
import type { Marks } from '../used-blobs/tree-walk-job.ts';
import { type PrunePlan, planPrune } from './plan-prune.ts';
import type { PruneFigures } from './prune-figures.ts';
import type { PruneOptions } from './prune-options.ts';
import { type IndexRewriteRepository, rewriteIndex } from './rewrite-index.ts';

/** What prune needs of a repository. It reads the index itself: a caller who did, too, holds it in memory twice. */
export interface PruneRepository extends IndexRewriteRepository {
  readonly version: 1 | 2;
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  snapshots(options?: CallOptions): Promise<readonly { readonly id: string; readonly tree: string }[]>;
  removeFile(type: 'index' | 'data', name: string, options?: CallOptions): Promise<void>;
  packWriter(options: { readonly packSizeBytes?: number; readonly signal?: AbortSignal }): BlobSink & {
    flush(): Promise<void>;
    abandon(): Promise<void>;
  };
}

/** What prune is doing and how far it is; `total` grows while it is not known. */
export interface PruneProgress {
  readonly step: 'load-index' | 'find-used' | 'repack' | 'rewrite-index' | 'remove';
  readonly done: number;
  readonly total: number;
}

export interface PruneRunOptions extends PruneOptions {
  readonly dryRun?: boolean;
  /** Snapshots to treat as if they were gone: for the dry run of a forget. Refused in a real run. */
  readonly withoutSnapshots?: ReadonlySet<string>;
  /** Target size of the packs that are written. Default 16 MiB. */
  readonly packSizeBytes?: number;
  /** zstd level for what is compressed anew. Default 3. */
  readonly compression?: Compression | undefined;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: PruneProgress) => void;
}

export interface PruneReport {
  readonly figures: PruneFigures;
  /** IDs of the packs repacked, removed, removed although no index named them, and forgotten because they were missing and not needed. */
  readonly repackedPacks: readonly string[];
  readonly removedPacks: readonly string[];
  readonly unreferencedPacks: readonly string[];
  readonly missingPacks: readonly string[];
  /** Packs that could not be removed. They do no harm; the next prune tries again. */
  readonly failures: readonly { readonly pack: string; readonly error: CodedError }[];
}

const defaultPackBytes = 16 << 20;

/**
 * Removes what no snapshot uses. The caller holds an exclusive lock. Order: plan; store again what is used of the packs to be repacked;
 * save index files without the packs that go, and prove that they name every used blob; remove the old index files; remove packs.
 * Nothing is removed before that proof, not even packs that no index names, so an end at any point loses nothing and the next prune
 * completes the work. Where there is no room to store anything again, `maxRepackBytes: 0` removes without repacking. Anything missing or
 * damaged that a snapshot needs ends the prune before the first change (`blob-missing`, `blob-damaged`, `file-damaged`, `format-invalid`).
 */
export async function prune(repository: PruneRepository, options: PruneRunOptions): Promise<PruneReport> {
  refuseContradictions(repository, options);
  const inventory = new IndexInventory();
  const { plan, marks } = await makePlan(repository, inventory, options);
  const idsOf = (packs: readonly number[]): string[] => packs.map((pack) => inventory.index.packId(pack));
  const failures = options.dryRun === true ? [] : await execute(repository, inventory, plan, marks, options);
  return {
    figures: plan.figures,
    repackedPacks: idsOf(plan.repackPacks),
    removedPacks: idsOf(plan.removePacks),
    unreferencedPacks: plan.unreferencedPacks,
    missingPacks: idsOf(plan.missingPacks),
    failures,
  };
}

function refuseContradictions(repository: PruneRepository, options: PruneRunOptions): void {
  const refuse = (message: string, hint: string): never => {
    throw new CodedError({ code: 'invalid-argument', message, hint });
  };
  if (options.repackUncompressed === true && repository.version === 1) {
    refuse(
      'A repository of version 1 cannot hold compressed blobs',
      'Leave out --repack-uncompressed, or copy the snapshots to a new repository.',
    );
  }
  if ((options.smallPackBytes ?? 0) > (options.packSizeBytes ?? defaultPackBytes)) {
    refuse('--repack-smaller-than exceeds the pack size', 'Choose a smaller size, or raise --pack-size.');
  }
  if (repository.storage.properties.appendOnly && options.dryRun !== true) {
    throw new CodedError({
      code: 'storage-denied',
      message: `${repository.storage.properties.description} is append-only: nothing can be removed there`,
      hint: 'Prune from where the storage allows it, or make a dry run.',
    });
  }
  if (options.withoutSnapshots !== undefined && options.dryRun !== true) {
    refuse('Snapshots can be left out of account in a dry run only', 'Forget them first.');
  }
}

async function makePlan(
  repository: PruneRepository,
  inventory: IndexInventory,
  options: PruneRunOptions,
): Promise<{ plan: PrunePlan; marks: Marks }> {
  const { signal, onProgress } = options;
  const call: CallOptions = signal === undefined ? {} : { signal };
  const snapshots = await repository.snapshots(call);
  await loadInventory(repository, inventory, { signal, onProgress: (done, total) => onProgress?.({ step: 'load-index', done, total }) });
  const trees = snapshots.filter(({ id }) => options.withoutSnapshots?.has(id) !== true).map(({ tree }) => tree);
  await using walk = new TreeWalk({ storage: repository.storage, masterKey: repository.masterKey, index: inventory.index });
  await walk.mark(trees, {
    signal,
    onProgress: ({ treesDone, treesFound }) => onProgress?.({ step: 'find-used', done: treesDone, total: treesFound }),
  });
  const problem = walk.problems[0];
  if (problem !== undefined) throw refusal(problem.error, walk.problemCount);
  const stored = new Map<string, number>();
  for await (const { name, sizeBytes } of repository.storage.list('data', call)) stored.set(name, sizeBytes);
  return { plan: planPrune({ version: repository.version, inventory, stored, marks: walk.marks }, options), marks: walk.marks };
}

function refusal(first: CodedError, count: number): CodedError {
  return new CodedError({
    code: first.code,
    message: `Nothing was pruned, because data that snapshots need is missing or damaged (${count} times). First: ${first.message}`,
    hint: 'Run check to see which snapshots are affected. Bring the data back from a copy of the repository, back the same files up again, or forget the snapshots.',
    context: first.context,
    cause: first,
  });
}

async function execute(
  repository: PruneRepository,
  inventory: IndexInventory,
  plan: PrunePlan,
  marks: Marks,
  options: PruneRunOptions,
): Promise<PruneReport['failures']> {
  const { signal, onProgress } = options;
  if (plan.carry.length > 0) await repack(repository, inventory, plan.carry, options);
  const gone = new Set([...plan.removePacks, ...plan.repackPacks, ...plan.missingPacks]);
  if (gone.size > 0) {
    await loadInventory(repository, inventory, { signal }); // what the repacking wrote
    await rewriteIndex(repository, inventory, gone, marks, {
      signal,
      onProgress: (done, total) => onProgress?.({ step: 'rewrite-index', done, total }),
    });
  }
  const removed = [...plan.removePacks, ...plan.repackPacks].map((pack) => inventory.index.packId(pack));
  return removePacks(repository, [...removed, ...plan.unreferencedPacks], options);
}

async function repack(repository: PruneRepository, inventory: IndexInventory, carry: Uint32Array, options: PruneRunOptions): Promise<void> {
  const { signal, onProgress } = options;
  const writer = repository.packWriter({
    ...(options.packSizeBytes === undefined ? {} : { packSizeBytes: options.packSizeBytes }),
    ...(signal === undefined ? {} : { signal }),
  });
  const coding = {
    sourceKey: repository.masterKey,
    isSameKey: true,
    targetKey: repository.masterKey,
    targetVersion: repository.version,
    compressRawData: options.repackUncompressed === true,
    effort: effortOf(options.compression ?? 'auto'),
  };
  await using carrier = new BlobCarrier({ storage: repository.storage, index: inventory.index }, coding, writer);
  try {
    await carrier.carry(carry, {
      signal,
      onProgress: ({ packsDone, packsTotal }) => onProgress?.({ step: 'repack', done: packsDone, total: packsTotal }),
    });
    await writer.flush();
  } catch (error) {
    // What is stored is named in the index, so that the next prune need not do it again. Not without the lock: others may remove it now.
    if (!CodedError.is(signal?.reason, 'lock-lost')) await writer.abandon();
    throw error;
  }
}

async function removePacks(
  repository: PruneRepository,
  packs: readonly string[],
  options: PruneRunOptions,
): Promise<PruneReport['failures']> {
  const { signal, onProgress } = options;
  const failures: { pack: string; error: CodedError }[] = [];
  let done = 0;
  await forEachBounded(
    packs,
    repository.storage.properties.connections,
    async (pack) => {
      try {
        await repository.removeFile('data', pack, signal === undefined ? {} : { signal });
      } catch (error) {
        if (!(error instanceof CodedError) || error.code === 'cancelled') throw error;
        if (error.code !== 'storage-not-found') failures.push({ pack, error });
      }
      onProgress?.({ step: 'remove', done: ++done, total: packs.length });
    },
    signal,
  );
  return failures;
}
