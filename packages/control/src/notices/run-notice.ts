import type { BackupConfig, Notice, ReportedError, RunReport } from '@holdfast/contract';
import type { RunRow } from '../runs/run-row.ts';
import { jitteredFire } from '../schedule/jitter.ts';
import { nextFire } from '../schedule/next-fire.ts';

export interface RunNoticeInput {
  readonly event: Notice['event'];
  readonly atMs: number;
  readonly run: Pick<RunRow, 'id' | 'kind' | 'title' | 'backup_id' | 'started_ms' | 'missed_count'>;
  /** Undefined for what is no run of a backup. */
  readonly config: BackupConfig | undefined;
  readonly report: RunReport | undefined;
  readonly error: ReportedError | null;
  /** What is said where there is no error. */
  readonly reasons: readonly string[];
}

/** What people are told of a run. */
export function runNotice({ event, atMs, run, config, report, error, reasons }: RunNoticeInput): Omit<Notice, 'id'> {
  const backup = report?.kind === 'backup' ? report : undefined;
  return {
    event,
    atMs,
    timeZone: config?.timeZone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone,
    title: run.title,
    backupId: run.backup_id,
    runId: run.id,
    runKind: run.kind,
    destinations: (backup?.destinations ?? []).map((destination) => {
      const ok = destination.error === null && destination.snapshotId !== null && destination.reopened && destination.treeMatches;
      return { name: destination.name, ok, text: destination.error?.message ?? (ok ? 'stored and read back' : 'not proven') };
    }),
    files: backup?.files ?? null,
    bytes: backup?.bytes ?? null,
    addedBytes: backup === undefined ? null : addedBytes(backup),
    durationMs: run.started_ms === null ? null : Math.max(0, atMs - run.started_ms),
    itemCount: report?.itemCount ?? 0,
    missedCount: run.missed_count,
    nextRunMs: config === undefined ? null : nextRunMs(config, run.backup_id ?? '', atMs),
    error: error ?? (event === 'failed' || event === 'warning' ? reasonError(reasons) : null),
    link: null,
  };
}

/** When the backup is due next, its jitter included; null if never. */
export function nextRunMs({ schedule, timeZone }: BackupConfig, backupId: string, afterMs: number): number | null {
  if (schedule === null) return null;
  const fire = nextFire(schedule, afterMs, timeZone);
  return fire === undefined ? null : jitteredFire(schedule, fire, timeZone, backupId).epochMilliseconds;
}

/** The most that one storage server had to add: the same content, counted once. */
export function addedBytes({ destinations }: Extract<RunReport, { kind: 'backup' }>): number {
  return Math.max(0, ...destinations.map((destination) => destination.addedBytes));
}

function reasonError(reasons: readonly string[]): ReportedError | null {
  return reasons.length === 0 ? null : { code: 'evidence-missing', message: reasons.join(' '), hint: null, retry: 'temporary' };
}
