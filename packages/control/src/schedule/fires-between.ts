import { CodedError } from '@holdfast/kernel';
import { fireTimes, type Time, toInstant } from './fire-times.ts';
import type { Schedule } from './schedule.ts';

export interface Fires {
  /** Ascending; the first `limit` of them. */
  readonly fires: readonly Temporal.Instant[];
  /** Whether there are more than that. */
  readonly hasMore: boolean;
}

/**
 * The fires in after < t ≤ until, to count what was missed. Takes time for `limit` fires and no more, however long the span is.
 * `invalid-argument` for a limit that is no whole number above 0.
 */
export function firesBetween(schedule: Schedule, after: Time, until: Time, zone: string, limit: number): Fires {
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `${limit} is no limit of fires`,
      hint: 'Give a whole number above 0.',
    });
  }
  const end = toInstant(until);
  const fires: Temporal.Instant[] = [];
  for (const fire of fireTimes(schedule, after, zone)) {
    if (Temporal.Instant.compare(fire, end) > 0) break;
    if (fires.length === limit) return { fires, hasMore: true };
    fires.push(fire);
  }
  return { fires, hasMore: false };
}
