import { fireTimes, type Time } from './fire-times.ts';
import type { Schedule } from './schedule.ts';

/**
 * The first fire strictly after `after`, or undefined if there will never be one. Pure: the same for the same schedule, time and zone (and
 * zone data). What becomes of skipped and repeated times says `fireTimes`. Jitter is not in it: see `jitterMs`.
 */
export function nextFire(schedule: Schedule, after: Time, zone: string): Temporal.Instant | undefined {
  return fireTimes(schedule, after, zone).next().value;
}
