import type { BackupReport, DestinationReport, RunReport } from '@holdfast/contract';
import type { BackupEvidence, CheckEvidence, Evidence, RestoreEvidence, RetentionEvidence } from './evidence.ts';

/** Something that must be so for a run to have succeeded, and what is said where it is not. */
export interface Fact {
  readonly holds: boolean;
  readonly otherwise: string;
}

/**
 * All that must be so. A comparison with a value that is missing is false here: nothing is taken for granted, also where a type says that
 * it is there, because a report comes from another process.
 */
export function factsOf(evidence: Evidence): readonly Fact[] {
  return [...processFacts(evidence), ...kindFacts(evidence)];
}

/** The report, if it is one of this run and of its kind. */
export function reportOf<Kind extends RunReport['kind']>(evidence: Evidence, kind: Kind): Extract<RunReport, { kind: Kind }> | undefined {
  const { report, runId } = evidence;
  return report?.kind === kind && report.runId === runId ? (report as Extract<RunReport, { kind: Kind }>) : undefined;
}

/** Whether that storage server holds the snapshot, proven by reading it back. */
export function isConfirmed(destination: DestinationReport | undefined): destination is DestinationReport & { snapshotId: string } {
  return (
    destination !== undefined &&
    typeof destination.snapshotId === 'string' &&
    /^[0-9a-f]{64}$/.test(destination.snapshotId) &&
    destination.reopened === true &&
    destination.treeMatches === true &&
    destination.error === null
  );
}

/** Whether the source was read to its end and nothing of it is missing. */
export function isSourceWhole(report: BackupReport, asked: Pick<BackupEvidence, 'rootsAsked' | 'leastBytes'>): boolean {
  return sourceFacts(report, asked).every(({ holds }) => holds);
}

export function isCleanExit(exit: { readonly code: number | null; readonly signal: string | null }): boolean {
  return exit.code === 0 && exit.signal === null;
}

function processFacts(evidence: Evidence): Fact[] {
  const { exits, failure, stopped, cancelRequested } = evidence;
  const needsNone = evidence.kind === 'retention' && evidence.planned?.length === 0;
  return [
    { holds: failure === null, otherwise: failure?.message ?? 'Something failed before the run began.' },
    { holds: stopped === null, otherwise: stopWords(stopped) },
    { holds: cancelRequested === false, otherwise: 'It was cancelled.' },
    { holds: exits.length > 0 || needsNone, otherwise: 'No process worked for it.' },
    ...exits.map((exit) => ({ holds: isCleanExit(exit), otherwise: exitWords(exit) })),
  ];
}

function kindFacts(evidence: Evidence): Fact[] {
  switch (evidence.kind) {
    case 'backup':
      return backupFacts(evidence);
    case 'restore':
      return restoreFacts(evidence);
    case 'push': {
      const report = reportOf(evidence, 'push');
      return [
        ...reportFacts(report),
        { holds: report?.ended === true, otherwise: 'Restoring did not come to its end.' },
        { holds: Number(report?.restored.length) > 0, otherwise: 'Nothing was restored.' },
        {
          holds: report?.itemCount === 0 && report.items.length === 0,
          otherwise: `${report?.itemCount ?? 'Some'} items were not restored.`,
        },
      ];
    }
    case 'check':
      return checkFacts(evidence);
    case 'prune': {
      const report = reportOf(evidence, 'prune');
      return [...reportFacts(report), { holds: report?.ended === true, otherwise: 'Pruning did not come to its end.' }];
    }
    case 'retention':
      return retentionFacts(evidence);
  }
}

function reportFacts(report: RunReport | undefined): Fact[] {
  return [
    { holds: report !== undefined, otherwise: 'It left no report.' },
    { holds: report?.error === null, otherwise: report?.error?.message ?? 'Nothing says that it ended without an error.' },
  ];
}

function backupFacts(evidence: BackupEvidence): Fact[] {
  const report = reportOf(evidence, 'backup');
  const reported = (id: string): DestinationReport | undefined => {
    const all = report?.destinations.filter(({ storageServerId }) => storageServerId === id) ?? [];
    return all.length === 1 ? all[0] : undefined;
  };
  return [
    ...reportFacts(report),
    ...sourceFacts(report, evidence),
    { holds: evidence.destinations.length > 0, otherwise: 'It had no storage server to write to.' },
    ...evidence.destinations.map(({ storageServerId, name }) => {
      const destination = reported(storageServerId);
      return { holds: isConfirmed(destination), otherwise: destinationWords(name, destination) };
    }),
  ];
}

function sourceFacts(
  report: BackupReport | undefined,
  { rootsAsked, leastBytes }: Pick<BackupEvidence, 'rootsAsked' | 'leastBytes'>,
): Fact[] {
  const found = report?.rootsFound;
  return [
    {
      holds: rootsAsked > 0 && report?.rootsAsked === rootsAsked && found === rootsAsked,
      otherwise: `${found ?? 'None'} of ${rootsAsked} paths to back up were found.`,
    },
    { holds: report?.sourceEnded === true, otherwise: 'The source was not read to its end.' },
    { holds: Number(report?.files) + Number(report?.directories) > 0, otherwise: 'There was nothing to back up.' },
    {
      holds: Number(report?.bytes) >= leastBytes,
      otherwise: `It holds ${report?.bytes ?? 'an unknown number of'} bytes, where at least ${leastBytes} were expected: see what is missing at the source.`,
    },
    { holds: report?.itemsLeftOut === 0, otherwise: `${report?.itemsLeftOut ?? 'Some'} items were left out.` },
  ];
}

function restoreFacts(evidence: RestoreEvidence): Fact[] {
  const report = reportOf(evidence, 'restore');
  const done = Number(report?.filesRestored) + Number(report?.filesKept);
  return [
    ...reportFacts(report),
    { holds: report?.ended === true, otherwise: 'Restoring did not come to its end.' },
    { holds: report?.dryRun === evidence.dryRun, otherwise: 'It is not known whether files were written.' },
    {
      holds: evidence.dryRun ? Number(report?.filesPlanned) >= 0 : done === report?.filesPlanned,
      otherwise: `${Number.isNaN(done) ? 'None' : done} of ${report?.filesPlanned ?? 'the'} files are there.`,
    },
    { holds: report?.itemCount === 0 && report.items.length === 0, otherwise: `${report?.itemCount ?? 'Some'} items were not restored.` },
    {
      holds: evidence.dryRun || !evidence.verifyAsked || report?.verified === true,
      otherwise: 'What was written was not read back and compared.',
    },
  ];
}

function checkFacts(evidence: CheckEvidence): Fact[] {
  const report = reportOf(evidence, 'check');
  const readsData = evidence.readDataPercent > 0;
  return [
    ...reportFacts(report),
    { holds: report?.ended === true, otherwise: 'The check did not come to its end.' },
    {
      holds: report?.errorCount === 0 && report.errors.length === 0 && report.damagedSnapshots.length === 0,
      otherwise: `The check found ${report?.errorCount ?? 'an unknown number of'} errors.`,
    },
    {
      holds: !readsData || report?.packs === 0 || Number(report?.packsRead) > 0,
      otherwise: 'Data were to be read, and none were.',
    },
  ];
}

function retentionFacts(evidence: RetentionEvidence): Fact[] {
  const { planned, kept } = evidence;
  if (planned === null) return [{ holds: false, otherwise: 'What to remove was not decided, so nothing was removed.' }];
  if (planned.length === 0) return [];
  const report = reportOf(evidence, 'forget');
  const removed = new Set(report?.removed);
  const remaining = new Set(report?.remaining);
  return [
    ...reportFacts(report),
    { holds: report?.ended === true, otherwise: 'Removing did not come to its end.' },
    {
      holds: removed.size === planned.length && planned.every((id) => removed.has(id) && !remaining.has(id)),
      otherwise: `${planned.filter((id) => removed.has(id) && !remaining.has(id)).length} of ${planned.length} snapshots are proven to be gone.`,
    },
    { holds: report !== undefined && kept.every((id) => remaining.has(id)), otherwise: 'Snapshots that were to stay are not there.' },
  ];
}

function stopWords(stopped: Evidence['stopped']): string {
  switch (stopped) {
    case 'time-limit':
      return 'It took longer than it may.';
    case 'shutdown':
      return 'Holdfast was shut down.';
    default:
      return 'Its worker lost the right to it.';
  }
}

function exitWords({ code, signal }: { readonly code: number | null; readonly signal: string | null }): string {
  if (signal !== null) return `Its process was ended by ${signal}.`;
  return code === null ? 'Nobody saw its process end.' : `Its process ended with exit code ${code}.`;
}

function destinationWords(name: string, destination: DestinationReport | undefined): string {
  if (destination === undefined) return `${name}: nothing is known of the snapshot there.`;
  if (destination.error) return `${name}: ${destination.error.message}`;
  if (!destination.snapshotId) return `${name}: no snapshot was written.`;
  return `${name}: the snapshot was not read back as it was written.`;
}
