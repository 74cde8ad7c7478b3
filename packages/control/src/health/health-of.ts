import type { BackupConfig, Health, RunOutcome, RunState } from '@holdfast/contract';
import { jitteredFire } from '../schedule/jitter.ts';
import { nextFire } from '../schedule/next-fire.ts';
import type { Schedule } from '../schedule/schedule.ts';

/** How late a backup may be before it is overdue. */
export const overdueGraceMs = 60 * 60_000;
/** How old a proof that a backup can be read may be. */
const provenForMs = 30 * 24 * 3_600_000;

export interface HealthInput {
  readonly backupId: string;
  readonly config: Pick<BackupConfig, 'schedule' | 'timeZone'>;
  readonly paused: boolean;
  readonly createdMs: number;
  /** When its configuration was last changed or its schedule resumed: what was due before that is not asked for. */
  readonly changedMs?: number;
  readonly nowMs: number;
  /** The newest run that was not cancelled or missed, also one that works now. */
  readonly lastRun: { readonly state: RunState; readonly outcome: RunOutcome | null } | null;
  /** When a run of it last succeeded. */
  readonly lastSuccessMs: number | null;
  /** When a check or a restore last showed that what it stored can be read, on the storage server where that is longest ago. */
  readonly provenMs: number | null;
  readonly failuresInRow: number;
  /** The first fire after that time, with its jitter; where the caller has it at hand already, because working it out takes time. */
  readonly dueAfter?: (sinceMs: number) => number | null;
}

export interface HealthState {
  readonly health: Health;
  /** One sentence. */
  readonly reason: string;
}

/**
 * The state of a backup as a whole. Pure. That it is overdue is worked out from its schedule and its last success, whatever else is recorded:
 * a backup that never ran is overdue once its first fire after its making has passed.
 */
export function healthOf(input: HealthInput): HealthState {
  const { paused, lastRun, lastSuccessMs, failuresInRow, createdMs, nowMs, provenMs } = input;
  if (paused) return { health: 'paused', reason: 'Its schedule is paused.' };
  const ended = lastRun?.state === 'ended' ? lastRun.outcome : null;
  if (ended === 'failed' || ended === 'interrupted') return { health: 'failing', reason: failingWords(ended, failuresInRow) };
  const dueMs = missedDueMs(input);
  if (dueMs !== undefined && lastRun?.state !== 'running') {
    return { health: 'overdue', reason: `It was due at ${localTime(dueMs, input.config.timeZone)} and has not succeeded since.` };
  }
  if (ended === 'partial') return { health: 'warning', reason: 'Its last run left something out, or did not reach every storage server.' };
  if (lastSuccessMs === null) {
    if (failuresInRow > 0) return { health: 'failing', reason: failingWords('failed', failuresInRow) };
    return { health: 'new', reason: 'It has not run yet.' };
  }
  if (failuresInRow > 0) return { health: 'failing', reason: failingWords('failed', failuresInRow) };
  if (nowMs - (provenMs ?? createdMs) > provenForMs) {
    return { health: 'unproven', reason: 'No check or restore has shown for a month that what it stored can be read.' };
  }
  return { health: 'healthy', reason: 'Its last run succeeded.' };
}

/** The first fire since the last success (or since the backup was made) that is past its grace. */
function missedDueMs({ backupId, config, lastSuccessMs, createdMs, changedMs, nowMs, dueAfter }: HealthInput): number | undefined {
  const { schedule, timeZone } = config;
  if (schedule === null) return undefined;
  // A success from the future, of a clock that was set back, says nothing about the fires after now.
  const sinceMs = Math.min(Math.max(lastSuccessMs ?? createdMs, changedMs ?? createdMs), nowMs);
  const dueMs = dueAfter === undefined ? firstDueMs(schedule, timeZone, backupId, sinceMs) : dueAfter(sinceMs);
  return dueMs !== null && dueMs + overdueGraceMs < nowMs ? dueMs : undefined;
}

function firstDueMs(schedule: Schedule, timeZone: string, backupId: string, sinceMs: number): number | null {
  const fire = nextFire(schedule, sinceMs, timeZone);
  return fire === undefined ? null : jitteredFire(schedule, fire, timeZone, backupId).epochMilliseconds;
}

function failingWords(outcome: 'failed' | 'interrupted', failuresInRow: number): string {
  if (failuresInRow > 1) return `Its last ${failuresInRow} runs did not succeed.`;
  return outcome === 'interrupted' ? 'Its last run was interrupted.' : 'Its last run failed.';
}

function localTime(atMs: number, timeZone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone);
  return `${local.toPlainDate().toString()} ${local.toPlainTime().toString({ smallestUnit: 'minute' })}`;
}
