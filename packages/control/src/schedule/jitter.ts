import { createHash } from 'node:crypto';
import { toInstant } from './fire-times.ts';
import { nextFire } from './next-fire.ts';
import type { Schedule } from './schedule.ts';

export interface JitterInput {
  /** What tells this backup from others that fire at the same time: its ID. */
  readonly seed: string;
  readonly fire: Temporal.Instant;
  readonly jitterSeconds: number;
  /** The fire after it, if there is one. */
  readonly next: Temporal.Instant | undefined;
}

/**
 * How long to wait after a fire, in whole milliseconds from 0 to `jitterSeconds`; the same for the same seed and fire, spread evenly over
 * others. It always ends before the next fire, so that jitter never reorders or merges two of them.
 */
export function jitterMs({ seed, fire, jitterSeconds, next }: JitterInput): number {
  const gapMs = next === undefined ? Number.POSITIVE_INFINITY : next.epochMilliseconds - fire.epochMilliseconds;
  const longestMs = Math.max(0, Math.min(Math.floor(jitterSeconds * 1000), gapMs - 1));
  const drawn = createHash('sha256').update(`${fire.epochMilliseconds}\0${seed}`).digest().readUIntBE(0, 6);
  return Math.floor((drawn / 2 ** 48) * (longestMs + 1));
}

/** A fire of the schedule with its jitter added. */
export function jitteredFire(schedule: Schedule, fire: number | Temporal.Instant, zone: string, seed: string): Temporal.Instant {
  const instant = toInstant(fire);
  if (schedule.jitterSeconds === undefined || schedule.jitterSeconds === 0) return instant;
  const next = nextFire(schedule, instant, zone);
  return instant.add({ milliseconds: jitterMs({ seed, fire: instant, jitterSeconds: schedule.jitterSeconds, next }) });
}
