import type { ReportedError, RunOutcome } from '@holdfast/contract';
import type { Evidence } from './evidence.ts';
import { factsOf, isCleanExit, isConfirmed, isSourceWhole, reportOf } from './facts.ts';

/** A snapshot that a backup left, and whether everything proves that it is whole. */
export interface LeftSnapshot {
  readonly storageServerId: string;
  readonly snapshotId: string;
  readonly addedBytes: number;
  /** Read back from the storage as it was written. */
  readonly confirmed: boolean;
  /** Confirmed, nothing left out, by a process that ended well. */
  readonly complete: boolean;
}

/**
 * How a run ended, and why. Only `verdict` makes one, from evidence, and a run cannot be finished without one: nothing else can write
 * `succeeded`.
 */
export class Verdict {
  readonly #genuine = true;
  readonly outcome: RunOutcome;
  /** Plain sentences; none for a run that succeeded. */
  readonly reasons: readonly string[];
  readonly error: ReportedError | null;
  readonly snapshots: readonly LeftSnapshot[];

  private constructor(evidence: Evidence) {
    this.reasons = factsOf(evidence)
      .filter(({ holds }) => !holds)
      .map(({ otherwise }) => otherwise);
    this.snapshots = leftSnapshots(evidence);
    this.outcome = this.reasons.length === 0 ? 'succeeded' : lesserOutcome(evidence, this.snapshots);
    this.error = errorOf(evidence, this.outcome, this.reasons);
  }

  static of(evidence: Evidence): Verdict {
    return new Verdict(evidence);
  }

  /** False for anything that only looks like one. */
  static isGenuine(value: Verdict): boolean {
    return #genuine in value && value.#genuine;
  }
}

/** The one place that decides how a run ended. Whatever is missing in the evidence, it is not `succeeded`. */
export function verdict(evidence: Evidence): Verdict {
  return Verdict.of(evidence);
}

function lesserOutcome(evidence: Evidence, snapshots: readonly LeftSnapshot[]): RunOutcome {
  if (evidence.stopped === 'shutdown' || evidence.stopped === 'lease-lost') return 'interrupted';
  if (evidence.cancelRequested) return 'cancelled';
  if (evidence.stopped !== null || evidence.failure !== null) return 'failed';
  if (evidence.exits.some(({ code, signal }) => code === null || signal !== null)) return 'failed';
  return isPartial(evidence, snapshots) ? 'partial' : 'failed';
}

function isPartial(evidence: Evidence, snapshots: readonly LeftSnapshot[]): boolean {
  switch (evidence.kind) {
    case 'backup': {
      const report = reportOf(evidence, 'backup');
      return report?.sourceEnded === true && report.files + report.directories > 0 && snapshots.some(({ confirmed }) => confirmed);
    }
    case 'restore': {
      const report = reportOf(evidence, 'restore');
      return report?.ended === true && report.error === null && report.filesRestored + report.filesKept > 0;
    }
    case 'retention': {
      const removed = reportOf(evidence, 'forget')?.removed ?? [];
      return evidence.planned?.some((id) => removed.includes(id)) ?? false;
    }
    case 'push': {
      const report = reportOf(evidence, 'push');
      return report?.ended === true && report.error === null && report.restored.length > 0;
    }
    case 'check':
    case 'prune':
      return false;
  }
}

function leftSnapshots(evidence: Evidence): LeftSnapshot[] {
  if (evidence.kind !== 'backup') return [];
  const report = reportOf(evidence, 'backup');
  if (report === undefined) return [];
  const isWhole =
    evidence.exits.length > 0 &&
    evidence.exits.every(isCleanExit) &&
    evidence.failure === null &&
    evidence.stopped === null &&
    isSourceWhole(report, evidence);
  return report.destinations.flatMap((destination) => {
    const { storageServerId, snapshotId, addedBytes } = destination;
    const isAsked = evidence.destinations.some((asked) => asked.storageServerId === storageServerId);
    if (!snapshotId || !isAsked) return [];
    const confirmed = isConfirmed(destination);
    return [{ storageServerId, snapshotId, addedBytes, confirmed, complete: confirmed && isWhole }];
  });
}

function errorOf(evidence: Evidence, outcome: RunOutcome, reasons: readonly string[]): ReportedError | null {
  if (outcome === 'succeeded' || outcome === 'cancelled') return null;
  if (evidence.failure !== null) return evidence.failure;
  if (evidence.stopped === 'time-limit') {
    const hint = 'Raise the time limit in its settings, or look in the log for what it waited for.';
    return { code: 'time-limit', message: 'The run took longer than it may and was stopped.', hint, retry: 'permanent' };
  }
  const { report } = evidence;
  if (report?.error) return report.error;
  const destinationError = report?.kind === 'backup' ? report.destinations.find(({ error }) => error)?.error : undefined;
  if (destinationError) return destinationError;
  if (outcome === 'partial') return null;
  if (report === undefined && !evidence.exits.every(isCleanExit)) {
    return { code: 'run-died', message: reasons.join(' '), hint: 'The log shows the last it wrote.', retry: 'temporary' };
  }
  return { code: 'evidence-missing', message: reasons.join(' '), hint: null, retry: 'temporary' };
}
