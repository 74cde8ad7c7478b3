import { CodedError, forEachBounded, toHex } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../../crypto/master-key.ts';
import { sha256 } from '../../crypto/sha256.ts';
import { decodeSnapshot, type Snapshot } from '../../format/snapshot.ts';
import { firstRecord } from '../inventory/first-record.ts';
import { IndexInventory } from '../inventory/index-inventory.ts';
import { loadInventory } from '../inventory/load-inventory.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { TreeWalk } from '../used-blobs/tree-walk.ts';
import { type Marks, usedBit } from '../used-blobs/tree-walk-job.ts';
import { AffectedPaths } from './affected-paths.ts';
import { checkIndex, checkPacks, type PackListing } from './check-packs.ts';
import type { CheckProgress, CheckReport } from './check-report.ts';
import { Findings } from './findings.ts';
import { LostBlobs } from './lost-blobs.ts';
import { readPacks } from './read-packs.ts';

/** What check needs of a repository. It reads the index itself: a caller who did, too, holds it in memory twice. */
export interface CheckRepository {
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  loadFile(type: 'index' | 'snapshot', name: string, options?: CallOptions): Promise<Uint8Array>;
}

/** A pack that could be read, by its ID. */
export interface PackToRead {
  readonly name: string;
  readonly sizeBytes: number;
}

export interface CheckOptions {
  /** Chooses the packs whose content is read, from all that are there (or, with `snapshotIds`, that those need). Default: none. */
  readonly selectPacks?: (packs: readonly PackToRead[]) => readonly PackToRead[];
  /** Looks at these snapshots only. Default: all. */
  readonly snapshotIds?: ReadonlySet<string>;
  /** How many errors and hints are kept. Default 1000. */
  readonly findingLimit?: number;
  /** How many affected paths are named. Default 1000. */
  readonly affectedLimit?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: CheckProgress) => void;
}

interface LoadedSnapshot {
  readonly id: string;
  readonly snapshot: Snapshot;
}

const defaultLimit = 1000;

/** Chooses every pack: what `--read-data` means. */
export function everyPack(packs: readonly PackToRead[]): readonly PackToRead[] {
  return packs;
}

/**
 * Looks for damage: keys, index files, snapshots, the packs' presence and size, every tree and whether what it refers to is indexed; and
 * the content of packs as far as asked. Changes nothing. What it finds is in the report, with the files that are touched by it; thrown is
 * only what kept it from looking. The caller holds an exclusive lock (or none, if nobody writes).
 */
export async function check(repository: CheckRepository, options: CheckOptions = {}): Promise<CheckReport> {
  const { signal, onProgress } = options;
  const { storage, masterKey } = repository;
  const call: CallOptions = signal === undefined ? {} : { signal };
  const findings = new Findings(options.findingLimit ?? defaultLimit);
  const snapshots = await loadSnapshots(repository, findings, options, call);
  await checkKeys(storage, findings, call);
  const inventory = new IndexInventory();
  await loadInventory(repository, inventory, {
    signal,
    onProgress: (done, total) => onProgress?.({ step: 'load-index', done, total }),
    onFailure: (name, error) => findings.error('index', name, damageOf(error)),
  });
  checkIndex(inventory, findings);
  const listing = await checkPacks(storage, inventory, findings, call);
  const lost = new LostBlobs(inventory.index);
  addUnreachable(inventory, listing, lost);
  const { marks, trees } = await checkTrees({ storage, masterKey, index: inventory.index }, snapshots, findings, options);
  const packs = selectPacks(inventory, listing, marks, options);
  const read = { storage, masterKey, inventory, packs };
  if (packs.size > 0) {
    await readPacks(read, findings, {
      signal,
      onProgress: (done, total) => onProgress?.({ step: 'read-data', done, total }),
      onDamaged: (record) => lost.addDamagedCopy(record),
    });
  }
  const affected = await findAffected({ storage, masterKey, index: inventory.index }, snapshots, lost, findings, options);
  return {
    errors: findings.errors,
    errorCount: findings.errorCount,
    hints: findings.hints,
    hintCount: findings.hintCount,
    orphanedPacks: listing.orphaned,
    damagedPacks: [...findings.damagedPacks],
    damagedSnapshots: findings.damagedSnapshots,
    suggestRepairIndex: findings.kinds.has('index') || findings.kinds.has('duplicate-pack'),
    suggestPrune: listing.orphaned.length > 0 || findings.kinds.has('mixed-pack'),
    affected: affected.paths,
    affectedIsComplete: affected.isComplete,
    counts: {
      indexFiles: inventory.files.size,
      packs: inventory.packCount,
      blobs: inventory.index.size,
      snapshots: snapshots.length,
      trees,
      packsRead: packs.size,
      bytesRead: packs.values().reduce((sum, sizeBytes) => sum + sizeBytes, 0),
    },
  };
}

/** Newest first: what they lack is named first. */
async function loadSnapshots(
  repository: CheckRepository,
  findings: Findings,
  options: CheckOptions,
  call: CallOptions,
): Promise<LoadedSnapshot[]> {
  const names: string[] = [];
  for await (const { name } of repository.storage.list('snapshot', call)) {
    if (options.snapshotIds?.has(name) !== false) names.push(name);
  }
  const snapshots: LoadedSnapshot[] = [];
  let done = 0;
  await forEachBounded(
    names,
    repository.storage.properties.connections,
    async (id) => {
      try {
        snapshots.push({ id, snapshot: decodeSnapshot(await repository.loadFile('snapshot', id, call)) });
      } catch (error) {
        findings.error('snapshot', id, damageOf(error));
      }
      options.onProgress?.({ step: 'load-snapshots', done: ++done, total: names.length });
    },
    call.signal,
  );
  return snapshots.sort((a, b) => (a.snapshot.timeNs < b.snapshot.timeNs ? 1 : a.snapshot.timeNs > b.snapshot.timeNs ? -1 : 0));
}

/** A key file is named by its hash; one that is damaged may be the only one for somebody's password. */
async function checkKeys(storage: Storage, findings: Findings, call: CallOptions): Promise<void> {
  for await (const { name } of storage.list('key', call)) {
    try {
      const bytes = await storage.load({ type: 'key', name }, undefined, call);
      if (toHex(sha256(bytes)) === name) continue;
      const message = `The key file ${name} is damaged: the password it was made for may not open the repository any more`;
      findings.error(
        'key',
        name,
        new CodedError({ code: 'file-damaged', message, hint: 'Add a new key for that password and remove this one.' }),
      );
    } catch (error) {
      findings.error('key', name, damageOf(error));
    }
  }
}

/** The error as a finding, or thrown if it says nothing about the repository. */
function damageOf(error: unknown): CodedError {
  if (isDamage(error)) return error;
  throw error;
}

/** Without reading a pack it is known that what is missing, or beyond the end of a pack cut short, cannot be had. */
function addUnreachable(inventory: IndexInventory, { sizes }: PackListing, lost: LostBlobs): void {
  for (let pack = 0; pack < inventory.packCount; pack++) {
    const sizeBytes = sizes.get(pack) ?? 0;
    if (sizeBytes >= inventory.packBytes(pack)) continue;
    for (const record of inventory.records(pack)) {
      const { offset, sealedBytes } = inventory.index.location(record);
      if (offset + sealedBytes > sizeBytes) lost.addDamagedCopy(record);
    }
  }
}

async function checkTrees(
  repository: { storage: Storage; masterKey: MasterKey; index: IndexInventory['index'] },
  snapshots: readonly LoadedSnapshot[],
  findings: Findings,
  { signal, onProgress, findingLimit }: CheckOptions,
): Promise<{ marks: Marks; trees: number }> {
  await using walk = new TreeWalk(repository, { problemLimit: findingLimit ?? defaultLimit });
  const roots = snapshots.map(({ snapshot }) => snapshot.tree);
  await walk.mark(roots, {
    signal,
    onProgress: ({ treesDone, treesFound }) => onProgress?.({ step: 'trees', done: treesDone, total: treesFound }),
  });
  for (const { treeId, error } of walk.problems) findings.error('tree', treeId, error);
  findings.errorCount += walk.problemCount - walk.problems.length;
  return { marks: walk.marks, trees: walk.treesDone };
}

function selectPacks(inventory: IndexInventory, { sizes }: PackListing, marks: Marks, options: CheckOptions): ReadonlyMap<number, number> {
  if (options.selectPacks === undefined) return new Map();
  const needed = options.snapshotIds === undefined ? undefined : packsInUse(inventory, marks);
  const packs: PackToRead[] = [];
  for (const [pack, sizeBytes] of sizes) {
    if (needed?.has(pack) !== false) packs.push({ name: inventory.index.packId(pack), sizeBytes });
  }
  const selected = new Map<number, number>();
  for (const { name, sizeBytes } of options.selectPacks(packs)) {
    const pack = inventory.packNumber(name);
    if (pack !== undefined) selected.set(pack, sizeBytes);
  }
  return selected;
}

function packsInUse(inventory: IndexInventory, marks: Marks): Set<number> {
  const { index } = inventory;
  const table = index.share();
  const packs = new Set<number>();
  for (let record = 0; record < index.size; record++) {
    if (((marks[firstRecord(table, record)] as number) & usedBit) !== 0) packs.add(index.pack(record));
  }
  return packs;
}

async function findAffected(
  repository: { storage: Storage; masterKey: MasterKey; index: IndexInventory['index'] },
  snapshots: readonly LoadedSnapshot[],
  lost: LostBlobs,
  findings: Findings,
  { signal, onProgress, affectedLimit }: CheckOptions,
): Promise<{ paths: CheckReport['affected']; isComplete: boolean }> {
  if (findings.errorCount === 0) return { paths: [], isComplete: true };
  const paths = new AffectedPaths(repository, lost, {
    limit: affectedLimit ?? defaultLimit,
    signal,
    onProgress: (done, total) => onProgress?.({ step: 'affected', done, total }),
  });
  return paths.find(snapshots.map(({ id, snapshot }) => ({ id, tree: snapshot.tree })));
}
