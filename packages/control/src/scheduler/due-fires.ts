import type { BackupConfig } from '@holdfast/contract';
import { firesBetween } from '../schedule/fires-between.ts';
import { jitteredFire } from '../schedule/jitter.ts';
import { nextFire } from '../schedule/next-fire.ts';

/** A fire that is younger than this was not missed: somebody was there for it, if a little late. */
export const missedAfterMs = 5 * 60_000;
/** More are not counted: after a year off it does not matter how often a minute came. */
const mostCounted = 1_000;

export interface DueFires {
  /** The last fire, which is the one that gets a run. */
  readonly fireMs: number;
  /** When that run is due: the fire and its jitter. */
  readonly dueMs: number;
  /** Fires for which nobody was there. */
  readonly missedCount: number;
  readonly firstMissedMs: number | null;
}

/**
 * What a schedule asks for in after < t ≤ now: one run at most, however many fires there were. Undefined where there was none. Pure, and quick
 * however long the time is.
 */
export function dueFires(
  { schedule, timeZone }: Pick<BackupConfig, 'schedule' | 'timeZone'>,
  backupId: string,
  afterMs: number,
  nowMs: number,
): DueFires | undefined {
  if (schedule === null || afterMs >= nowMs) return undefined;
  const { fires, hasMore } = firesBetween(schedule, afterMs, nowMs, timeZone, mostCounted);
  const first = fires[0];
  if (first === undefined) return undefined;
  const last = hasMore ? lastFire(schedule, afterMs, nowMs, timeZone) : (fires.at(-1) ?? first).epochMilliseconds;
  const missed = fires.filter((fire) => fire.epochMilliseconds < nowMs - missedAfterMs);
  return {
    fireMs: last,
    dueMs: jitteredFire(schedule, last, timeZone, backupId).epochMilliseconds,
    missedCount: missed.length,
    firstMissedMs: missed[0]?.epochMilliseconds ?? null,
  };
}

/** The last fire before or at `nowMs` where there are many: looked for in ever longer spans back from it. */
function lastFire(schedule: NonNullable<BackupConfig['schedule']>, afterMs: number, nowMs: number, timeZone: string): number {
  for (let spanMs = 3_600_000; ; spanMs *= 4) {
    const fromMs = Math.max(afterMs, nowMs - spanMs);
    const { fires, hasMore } = firesBetween(schedule, fromMs, nowMs, timeZone, mostCounted);
    const last = fires.at(-1);
    if (last === undefined && fromMs > afterMs) continue;
    if (!hasMore || last === undefined) return last?.epochMilliseconds ?? afterMs;
    return lastFire(schedule, last.epochMilliseconds, nowMs, timeZone);
  }
}

/** When the scheduler has to look at the backup again; infinity where it never fires. */
export function nextLookMs({ schedule, timeZone }: Pick<BackupConfig, 'schedule' | 'timeZone'>, afterMs: number): number {
  if (schedule === null) return Number.POSITIVE_INFINITY;
  return nextFire(schedule, afterMs, timeZone)?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
}
