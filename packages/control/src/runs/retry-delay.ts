import type { BackupConfig, ReportedError, RunOutcome, RunReport } from '@holdfast/contract';

const longestMs = 24 * 3_600_000;

/**
 * How long to wait before a backup is tried again: the pause of its settings, twice as long with each attempt, at most a day. Undefined where
 * that is of no use: it succeeded, no try is left, or nothing about it would be otherwise the next time.
 */
export function retryDelayMs(
  outcome: RunOutcome,
  error: ReportedError | null,
  report: RunReport | undefined,
  attempt: number,
  retries: BackupConfig['retries'],
): number | undefined {
  if (attempt > retries.times || !mayHelp(outcome, error, report)) return undefined;
  return Math.min(longestMs, retries.pauseMinutes * 60_000 * 2 ** (attempt - 1));
}

function mayHelp(outcome: RunOutcome, error: ReportedError | null, report: RunReport | undefined): boolean {
  switch (outcome) {
    case 'interrupted':
      return true;
    case 'failed':
      return error?.retry !== 'permanent';
    case 'partial':
      return report?.kind === 'backup' && report.destinations.some((destination) => destination.error?.retry === 'temporary');
    default:
      return false;
  }
}
