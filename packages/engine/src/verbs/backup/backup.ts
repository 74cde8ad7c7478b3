import { lstatSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { CodedError, systemClock } from '@holdfast/kernel';
import { compileChunker } from '../../chunker/chunker.ts';
import { encodeNode } from '../../format/encode-node.ts';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import { encodeSnapshot } from '../../format/snapshot.ts';
import { currentUser } from '../../posix/current-user.ts';
import { SpareMemory } from '../../posix/spare-memory.ts';
import { WorkerPool } from '../../workers/worker-pool.ts';
import { storeEntries } from '../backup-entries/backup-entries.ts';
import type { BackupSetup, ItemProblem } from './backup-job.ts';
import type { BackupOptions, BackupReport } from './backup-options.ts';
import { BackupWorkers } from './backup-workers.ts';
import type { BackupDestination } from './destination.ts';
import { DestinationWriter } from './destination-writer.ts';
import { asSource } from './entry-reader.ts';
import { splitTargets } from './missing-targets.ts';
import { plainFileNode } from './plain-file-node.ts';
import type { ScanJob, ScanTotals } from './scan-job.ts';
import { SourceWalk } from './source-walk.ts';
import { cleanPath, targetTree } from './target-tree.ts';

const scanEntry = new URL('./scan-worker.ts', import.meta.url);

/**
 * Stores the targets in every destination: read, cut, hashed and compressed once, sealed and packed for each. A destination that fails is
 * out, the others go on; `backup-failed` is thrown only when none is left. A snapshot is written last, when all it needs is stored and named
 * in an index. Each destination must be locked (not exclusively) and have its index loaded.
 */
export async function backup(destinations: readonly BackupDestination[], given: BackupOptions): Promise<BackupReport> {
  const first = destinations[0];
  if (first === undefined)
    throw new CodedError({ code: 'invalid-argument', message: 'A backup needs a destination', hint: 'Name a repository.' });
  const isLocal = given.stream === undefined && given.entries === undefined;
  const split = isLocal ? splitTargets(given.targets) : { targets: given.stream === undefined ? given.targets : [], problems: [] };
  const options = { ...given, targets: split.targets };
  const clock = options.clock ?? systemClock;
  const startNs = clock.nowNs();
  const packing = packingOf(destinations.length);
  const writers = destinations.map((destination) => {
    const sink =
      options.dryRun === true
        ? undefined
        : destination.repository.packWriter({
            packSizeBytes: options.packSizeBytes,
            ...packing,
            signal: anyOf(options.signal, destination.lock?.signal),
            after: destination.lock?.settled,
          });
    return new DestinationWriter(destination, sink);
  });
  const problems: ItemProblem[] = [];
  const onProblem = (problem: ItemProblem): void => {
    problems.push(problem);
    options.onProblem?.(problem);
  };
  split.problems.forEach(onProblem);
  const withParent = options.force === true ? undefined : destinations.find(({ parent }) => parent !== undefined);
  await using pool = options.workers ?? new BackupWorkers();
  const setup = setupOf(destinations, options);
  pool.broadcast({ kind: 'setup', setup });
  let totals: ScanTotals | undefined;
  await using scanner = options.scan === true && isLocal ? new WorkerPool<ScanJob, ScanTotals>(scanEntry, 1, undefined) : undefined;
  const { exclusions, devices } = setup;
  scanner?.run({ targets: options.targets, exclusions, devices }).then(
    (counted) => {
      totals = counted;
    },
    () => undefined, // the backup ended first, or will meet the same trouble itself
  );
  const tellProgress = (): void => {
    const { files, bytes } = walk.counts;
    options.onProgress?.({
      filesDone: files,
      bytesDone: bytes,
      problems: problems.length,
      filesTotal: totals?.files,
      bytesTotal: totals?.bytes,
    });
  };
  const { signal } = options;
  const loadParentTree =
    withParent && ((id: string, memory?: ArrayBuffer) => withParent.repository.loadBlob('tree', id, { signal, memory }));
  const walk = new SourceWalk({ pool, writers, loadParentTree, signal, onAdvance: tellProgress, onProblem });
  const parentTree = withParent?.parent?.tree;
  const store = async (): Promise<string> => {
    const { entries: source, targets, stream } = options;
    if (stream !== undefined) return storeStream(walk, options);
    if (source === undefined) return storeSource(walk, options, parentTree);
    const from = { walk, writers, parentTree, loadParentTree, onProblem, onAdvance: tellProgress, signal };
    const how = { rules: exclusions, oneFileSystem: options.oneFileSystem ?? false, timeZone: setup.timeZone };
    const { ignoreCtime, ignoreInode } = setup;
    return treeOf(await storeEntries({ source, targets, ...from, ...how, ignoreCtime, ignoreInode }));
  };
  const abort = (): void => void pool[Symbol.asyncDispose]();
  options.signal?.addEventListener('abort', abort, { once: true });
  let tree: string;
  try {
    tree = await store();
    // All has been read: now the totals are known, whether or not a scan came to its end before.
    totals = { files: walk.counts.files, bytes: walk.counts.bytes };
    tellProgress();
    await Promise.all(writers.map((writer) => writer.attempt(async (sink) => sink?.flush())));
  } catch (error) {
    await Promise.all(writers.map((writer) => writer.abandon()));
    options.signal?.throwIfAborted();
    throw CodedError.is(error, 'backup-failed') ? (writers.find((writer) => writer.failed)?.error ?? error) : error;
  } finally {
    options.signal?.removeEventListener('abort', abort);
  }
  const endNs = clock.nowNs();
  const report = (): BackupReport => ({
    destinations: writers.map((writer) => writer.report()),
    counts: walk.counts,
    problems,
    incomplete: problems.some(({ kind }) => kind !== 'changed' && kind !== 'vanished'),
    tree,
    startNs,
    endNs,
  });
  if (options.dryRun !== true) {
    await Promise.all(writers.map((writer) => writer.attempt(() => writeSnapshot(writer, report(), options))));
  }
  const failed = writers.filter((writer) => writer.failed);
  if (failed.length === writers.length && failed[0]?.error !== undefined) throw failed[0].error;
  return report();
}

/** Several destinations share the memory of packs that one has for itself: not much more may be on its way to all of them together. */
function packingOf(destinations: number): { readonly packsInTransit?: number; readonly memory?: SpareMemory } {
  return destinations === 1 ? {} : { packsInTransit: Math.max(1, Math.floor(4 / destinations)), memory: new SpareMemory(2) };
}

/** Stores what is to be backed up and returns the ID of the root tree. */
async function storeSource(walk: SourceWalk, options: BackupOptions, parentTree: string | undefined): Promise<string> {
  return treeOf(await walk.storeTargets(targetTree(options.targets.flatMap(expandTarget)), parentTree));
}

function treeOf({ tree, entries }: { readonly tree: string; readonly entries: number }): string {
  if (entries > 0) return tree;
  throw new CodedError({
    code: 'path-not-found',
    message: 'None of the targets could be backed up, so no snapshot was made',
    hint: 'Check that they exist and can be read by this user.',
  });
}

async function storeStream(walk: SourceWalk, options: BackupOptions): Promise<string> {
  const { stream, clock = systemClock } = options;
  if (stream === undefined) throw new CodedError({ code: 'internal', message: 'There is no stream to store' });
  const { content, sizeBytes } = await walk.storeStream(stream.bytes);
  const nowNs = clock.nowNs();
  const { uid, gid } = currentUser();
  const node = plainFileNode({ name: Buffer.from(stream.name), timeNs: nowNs, uid, gid, content, sizeBytes });
  return walk.storeTree([Buffer.from(encodeNode(node, new LocalTimeFormatter(timeZoneOf(options))))]);
}

/** `.` and `/` have no name of their own to be stored under: their entries are stored instead. */
function expandTarget(target: Buffer): Buffer[] {
  const clean = cleanPath(target.toString('latin1'));
  if (clean.split('/').some((part) => part !== '' && part !== '.' && part !== '..')) return [target];
  const directory = Buffer.from(clean, 'latin1');
  const names = asSource(directory, () => readdirSync(directory, { encoding: 'buffer' }));
  const prefix = clean === '.' ? '' : clean === '/' ? '/' : `${clean}/`;
  return names.map((name) => Buffer.concat([Buffer.from(prefix, 'latin1'), name]));
}

async function writeSnapshot(writer: DestinationWriter, report: BackupReport, options: BackupOptions): Promise<void> {
  const { repository, parent, lock } = writer.destination;
  if (options.skipIfUnchanged === true && parent?.tree === report.tree) return;
  await lock?.assertHeld();
  const { dataBlobs, treeBlobs, dataAdded, dataAddedPacked } = writer.report();
  const { counts, startNs, endNs } = report;
  const times = new LocalTimeFormatter(timeZoneOf(options));
  const user = currentUser();
  const snapshot = encodeSnapshot({
    time: options.time ?? times.format(startNs),
    parent: parent?.id,
    tree: report.tree,
    paths: options.stream === undefined ? options.targets.map(absolutePath) : [`/${options.stream.name}`],
    hostname: options.hostname ?? hostname(),
    username: options.username ?? user.username,
    uid: user.uid,
    gid: user.gid,
    excludes: options.excludes ?? [],
    tags: options.tags ?? [],
    original: undefined,
    programVersion: options.programVersion ?? 'holdfast 0.1.0',
    summary: {
      backupStart: times.format(startNs),
      backupEnd: times.format(endNs),
      filesNew: counts.filesNew,
      filesChanged: counts.filesChanged,
      filesUnmodified: counts.filesUnmodified,
      dirsNew: counts.dirsNew,
      dirsChanged: counts.dirsChanged,
      dirsUnmodified: counts.dirsUnmodified,
      dataBlobs,
      treeBlobs,
      dataAdded,
      dataAddedPacked,
      totalFilesProcessed: counts.files,
      totalBytesProcessed: counts.bytes,
    },
  });
  writer.setSnapshot(await repository.saveFile('snapshot', snapshot, signalOf(options)));
}

/** The path as the snapshot names it: absolute and clean. */
export function absolutePath(target: Buffer): string {
  const text = target.toString();
  return cleanPath(text.startsWith('/') ? text : `${process.cwd()}/${text}`);
}

function setupOf(destinations: readonly BackupDestination[], options: BackupOptions): BackupSetup {
  const first = destinations[0] as BackupDestination;
  return {
    chunker: compileChunker(),
    polynomial: first.repository.polynomial,
    compression: options.compression ?? 'auto',
    destinations: destinations.map(({ repository: { masterKey, version } }) => ({ masterKey, version })),
    timeZone: timeZoneOf(options),
    withAtime: options.withAtime ?? false,
    ignoreCtime: options.ignoreCtime ?? false,
    ignoreInode: options.ignoreInode ?? false,
    exclusions: {
      patterns: [],
      caseInsensitivePatterns: [],
      caches: false,
      ifPresent: [],
      largerThanBytes: undefined,
      ...options.exclusions,
    },
    devices: options.oneFileSystem === true && options.entries === undefined ? options.targets.map(deviceOf) : undefined,
  };
}

function deviceOf(target: Buffer): bigint {
  return asSource(target, () => lstatSync(target, { bigint: true }).dev);
}

function timeZoneOf(options: BackupOptions): string {
  return options.timeZone ?? Temporal.Now.timeZoneId();
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}

function signalOf(options: BackupOptions): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
