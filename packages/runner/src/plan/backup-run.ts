import type { BackupPlan, BackupReport, DestinationReport, RepositoryAccess } from '@holdfast/contract';
import { BackupWorkers, backup, type ItemProblem, pathBytes, type BackupReport as Stored } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import { type OpenSource, openSource } from '../source/open-source.ts';
import { confirmSnapshot } from './confirm-snapshot.ts';
import { findParent } from './find-parent.ts';
import { type LockedVault, openLocked } from './locked-vault.ts';
import type { PlanRun } from './plan-run.ts';
import { endingError, reportedError } from './reported-error.ts';
import type { RunContext } from './run-context.ts';
import { shownPath } from './shown-path.ts';

/** A destination that is open, and its part of the report. */
interface OpenDestination {
  readonly vault: LockedVault;
  readonly report: DestinationReport;
}

/** Of these problems of items, the snapshot lacks something. Whatever changed is in it, and what vanished was to be left out by then. */
const leftOut: ReadonlySet<ItemProblem['kind']> = new Set<ItemProblem['kind']>(['unreadable', 'metadata']);

/** Reads a source once and leaves a snapshot in each destination; one that fails does not stop the others. */
export const backupRun: PlanRun<BackupPlan, BackupReport> = {
  begin: (plan, start) => ({
    kind: 'backup',
    ...start,
    rootsAsked: 0,
    rootsFound: 0,
    sourceEnded: false,
    filesNew: 0,
    filesChanged: 0,
    filesUnmodified: 0,
    directories: 0,
    files: 0,
    bytes: 0,
    itemsLeftOut: 0,
    destinations: plan.destinations.map(emptyDestination),
  }),

  execute: async (plan, report, context) => {
    await using stack = new AsyncDisposableStack();
    const workers = stack.use(new BackupWorkers()); // they get ready while the repositories are opened
    const open = await openDestinations(plan, report, context, stack);
    const source = await openSource(plan, context, stack);
    report.rootsAsked = source.roots.length;
    await source.around(async () => await readSource(plan, report, context, { source, open, workers }));
  },
};

interface ReadyBackup {
  readonly source: OpenSource;
  readonly open: readonly OpenDestination[];
  readonly workers: BackupWorkers;
}

/** Reads the source to its end, and what each destination got of it back from there. */
async function readSource(
  plan: BackupPlan,
  report: BackupReport,
  context: RunContext,
  { source, open, workers }: ReadyBackup,
): Promise<void> {
  const lost = new Set<string>();
  const targets = source.roots.map(pathBytes);
  const parents = await Promise.all(
    open.map(async ({ vault: { repository } }) =>
      findParent(await repository.snapshots({ signal: context.signal }), {
        hostname: plan.hostname,
        paths: source.present(),
        tags: plan.tags,
        nowNs: context.clock.nowNs(),
      }),
    ),
  );
  tellParents(open, parents, context);
  try {
    const stored = await backup(
      open.map(({ vault: { repository, lock } }, i) => ({ repository, lock, parent: parents[i] })),
      {
        workers,
        targets,
        entries: source.entries,
        exclusions: source.exclusions,
        excludes: source.excludes,
        oneFileSystem: source.oneFileSystem,
        tags: plan.tags,
        hostname: plan.hostname,
        timeZone: plan.timeZone,
        compression: plan.compression,
        clock: context.clock,
        signal: context.signal,
        scan: true,
        onProgress: ({ filesDone, filesTotal, bytesDone, bytesTotal, problems }) => {
          report.files = filesDone;
          report.bytes = bytesDone;
          context.teller.advance({ step: 'Reading files', filesDone, filesTotal, bytesDone, bytesTotal, problems });
        },
        onProblem: (problem) => {
          const { path, kind, error } = problem;
          if (leftOut.has(kind)) report.itemsLeftOut += 1;
          if (kind === 'unreadable' || kind === 'vanished') lost.add(Buffer.from(path).toString('latin1'));
          context.items.add({ path: shownPath(path), kind, reason: error.message });
        },
      },
    );
    takeFigures(report, stored);
    report.rootsFound = targets.filter((target) => !lost.has(target.toString('latin1'))).length;
    await confirmAll(open, stored, context);
    tellResult(report, context);
  } catch (error) {
    blame(open, error, context);
    throw error;
  }
}

function emptyDestination({ storageServerId, name }: RepositoryAccess): DestinationReport {
  return {
    storageServerId,
    name,
    snapshotId: null,
    reopened: false,
    treeMatches: false,
    dataBlobs: 0,
    treeBlobs: 0,
    addedBytes: 0,
    storedBytes: 0,
    error: null,
  };
}

/** Opens and locks all that can be; the others' errors are in the report. Throws when none is left. */
async function openDestinations(
  plan: BackupPlan,
  report: BackupReport,
  context: RunContext,
  stack: AsyncDisposableStack,
): Promise<OpenDestination[]> {
  context.teller.advance({ step: 'Opening storage servers' });
  const attempts = await Promise.allSettled(
    plan.destinations.map((access) => openLocked(access, context, { exclusive: false, index: true })),
  );
  const open: OpenDestination[] = [];
  let firstError: unknown;
  for (const [i, attempt] of attempts.entries()) {
    const destination = report.destinations[i];
    if (destination === undefined) continue;
    if (attempt.status === 'fulfilled') open.push({ vault: stack.use(attempt.value), report: destination });
    else {
      firstError ??= attempt.reason;
      fail(destination, attempt.reason, context);
    }
  }
  context.signal.throwIfAborted();
  const count = plan.destinations.length;
  if (open.length > 0)
    context.teller.log('info', `Opened ${open.length === count ? servers(count) : `${open.length} of ${servers(count)}`}`);
  else if (count === 1) throw firstError;
  else {
    throw new CodedError({
      code: 'backup-failed',
      message: `None of the ${count} storage servers could be opened`,
      hint: 'The report says why, for each of them.',
      cause: firstError,
    });
  }
  return open;
}

function fail(destination: DestinationReport, error: unknown, context: RunContext): void {
  destination.error = reportedError(endingError(error, context.signal));
  context.teller.log('error', `${destination.name}: ${destination.error.message}`);
}

function tellParents(
  open: readonly OpenDestination[],
  parents: readonly ({ readonly id: string } | undefined)[],
  context: RunContext,
): void {
  for (const [i, { report }] of open.entries()) {
    const parent = parents[i];
    const text = parent === undefined ? 'No earlier snapshot to compare with' : `Comparing with snapshot ${parent.id.slice(0, 8)}`;
    context.teller.log('info', open.length === 1 ? text : `${text} on ${report.name}`);
  }
}

function takeFigures(report: BackupReport, { counts }: Stored): void {
  report.sourceEnded = true;
  report.filesNew = counts.filesNew;
  report.filesChanged = counts.filesChanged;
  report.filesUnmodified = counts.filesUnmodified;
  report.directories = counts.dirsNew + counts.dirsChanged + counts.dirsUnmodified;
  report.files = counts.files;
  report.bytes = counts.bytes;
}

/** What each destination got, read back from it. */
async function confirmAll(open: readonly OpenDestination[], stored: Stored, context: RunContext): Promise<void> {
  context.teller.advance({ step: 'Reading the snapshots back' });
  await Promise.all(
    open.map(async ({ vault, report }, i) => {
      const result = stored.destinations[i];
      if (result === undefined) return;
      report.dataBlobs = result.dataBlobs;
      report.treeBlobs = result.treeBlobs;
      report.addedBytes = result.dataAdded;
      report.storedBytes = result.dataAddedPacked;
      if (result.error !== undefined) return fail(report, result.error, context);
      if (result.snapshot === undefined) return;
      report.snapshotId = result.snapshot;
      try {
        const { reopened, treeMatches } = await confirmSnapshot(vault.repository, result.snapshot, stored.tree, context.signal);
        report.reopened = reopened;
        report.treeMatches = treeMatches;
        context.teller.log('info', `${report.name}: snapshot ${result.snapshot.slice(0, 8)} was stored and read back`);
      } catch (error) {
        fail(report, error, context);
      }
    }),
  );
}

/** The engine tells only the first error when every destination has failed: none of them holds the snapshot then. */
function blame(open: readonly OpenDestination[], error: unknown, context: RunContext): void {
  if (context.signal.aborted || !CodedError.is(error) || !/^(storage|repository|file|blob|lock|verification)-/.test(error.code)) return;
  for (const { report } of open) if (report.error === null) fail(report, error, context);
}

function tellResult(report: BackupReport, { teller, items }: RunContext): void {
  const files = `${report.filesNew} new, ${report.filesChanged} changed, ${report.filesUnmodified} unchanged files`;
  teller.log('info', `Read the source to its end: ${files}`);
  if (report.itemsLeftOut > 0)
    teller.log('warning', `${things(report.itemsLeftOut)} could not be read and ${isAre(report.itemsLeftOut)} left out`);
  const others = items.count - report.itemsLeftOut - items.items.filter(({ kind }) => kind === 'hook').length;
  if (others > 0) teller.log('warning', `${things(others)} changed or went away while being read`);
}

function things(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}

function isAre(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function servers(count: number): string {
  return count === 1 ? '1 storage server' : `${count} storage servers`;
}
