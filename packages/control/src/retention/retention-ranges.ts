import type { RetentionPolicy } from './retention-policy.ts';

/** From the youngest to the oldest. */
export const rangeNames = ['all', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type RangeName = (typeof rangeNames)[number];

type Span = { readonly days: number } | { readonly months: number } | { readonly years: number };

/**
 * The ranges of age of a policy in a zone, as functions of the time. Calendar arithmetic on the clocks of the zone: a day is a day also when
 * it has 23 hours, 31 March − 1 month is the last of February, and a time that does not exist is the one as far after the gap.
 */
export class RetentionRanges {
  readonly #spans: readonly Span[];
  readonly #zone: string;

  constructor(policy: RetentionPolicy, zone: string) {
    this.#zone = zone;
    this.#spans = [
      { days: policy.keep_all_backups_for_days },
      { days: policy.keep_daily_backups_for_days },
      { days: policy.keep_weekly_backups_for_weeks * 7 },
      { months: policy.keep_monthly_backups_for_months },
      { years: policy.keep_yearly_backups_for_years },
    ];
  }

  /** The far ends t0 to t4 of the ranges at that time, in epoch milliseconds. A snapshot at the far end itself is past it. */
  endsMs(nowMs: number): readonly number[] {
    let end = this.local(nowMs);
    return this.#spans.map((span) => {
      end = end.subtract(span);
      return end.epochMilliseconds;
    });
  }

  /** When the far end of the range reaches that time, by counting forward; up to some days off where months are clamped. */
  #estimateMs(timeMs: number, range: number): number {
    let time = this.local(timeMs);
    for (let index = range; index >= 0; index--) time = time.add(this.#spans[index] as Span);
    return time.epochMilliseconds;
  }

  /**
   * The time after `nowMs` at which the far end of the range (0 for all) reaches `timeMs`, where it has not yet. To the millisecond: a moment
   * before, the far end is before `timeMs`. On the day it is the only one, except within an hour that the zone's clocks skip or repeat.
   */
  reachMs(timeMs: number, range: number, nowMs: number): number {
    const endMs = (atMs: number): number => this.#endMs(atMs, range);
    const estimateMs = this.#estimateMs(timeMs, range);
    const hasMonths = range > 2;
    if (!hasMonths && estimateMs > nowMs && endMs(estimateMs) >= timeMs && endMs(estimateMs - 1) < timeMs) return estimateMs;
    // Look at the days around it, from the first one on that may do: the clamp of months is at most three days, twice.
    const firstMs = Math.max(nowMs, estimateMs - 8 * 86_400_000);
    let day = this.local(firstMs).startOfDay();
    for (;;) {
      const next = day.add({ days: 1 }).startOfDay();
      if (next.epochMilliseconds > firstMs && endMs(next.epochMilliseconds - 1) >= timeMs) {
        return halve(Math.max(day.epochMilliseconds - 1, nowMs), next.epochMilliseconds - 1, (atMs) => endMs(atMs) >= timeMs);
      }
      day = next;
    }
  }

  local(timeMs: number): Temporal.ZonedDateTime {
    return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(this.#zone);
  }

  #endMs(nowMs: number, range: number): number {
    let end = this.local(nowMs);
    for (let index = 0; index <= range; index++) end = end.subtract(this.#spans[index] as Span);
    return end.epochMilliseconds;
  }
}

/** The first whole number above `low` that is so, if `low` is not and `high` is. */
function halve(low: number, high: number, isSo: (value: number) => boolean): number {
  let [below, at] = [low, high];
  while (at - below > 1) {
    const middle = Math.floor((below + at) / 2);
    if (isSo(middle)) at = middle;
    else below = middle;
  }
  return at;
}
