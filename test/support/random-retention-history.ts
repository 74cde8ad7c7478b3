import type { RetentionPolicy, RetentionSnapshot } from '@holdfast/control';
import fc from 'fast-check';

/** A history of backups, the time that it is looked at, and the policy. */
export interface RandomHistory {
  readonly policy: RetentionPolicy;
  readonly snapshots: readonly RetentionSnapshot[];
  readonly nowMs: number;
  readonly zone: string;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Kathmandu',
];

/** Times at which calendars are at their worst: ends of months, leap days, weeks of two years, changes of the clocks, any. */
const nows = fc.oneof(
  fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2034, 0, 1) }).map((timeMs) => timeMs - (timeMs % minuteMs)),
  fc
    .tuple(
      fc.constantFrom(
        '2024-02-29',
        '2024-03-31',
        '2025-03-30',
        '2026-01-01',
        '2026-12-31',
        '2027-01-03',
        '2025-10-26',
        '2028-02-29',
        '2026-04-05',
      ),
      fc.integer({ min: 0, max: 47 }),
      fc.integer({ min: 0, max: 4 }),
    )
    .map(([date, halfHours, years]) => Date.parse(`${date}T00:00Z`) + halfHours * 30 * minuteMs + years * 365 * dayMs),
);

const policies: fc.Arbitrary<RetentionPolicy> = fc.record({
  keep_all_backups_for_days: fc.integer({ min: 0, max: 10 }),
  keep_daily_backups_for_days: fc.integer({ min: 0, max: 20 }),
  keep_weekly_backups_for_weeks: fc.integer({ min: 0, max: 9 }),
  keep_monthly_backups_for_months: fc.integer({ min: 0, max: 14 }),
  keep_yearly_backups_for_years: fc.integer({ min: 0, max: 4 }),
  delete_oldest_backups_when_using_more_megabytes_than: fc.option(fc.integer({ min: 1, max: 60 })),
  representative: fc.constantFrom('latest', 'earliest'),
});

/** From one snapshot to the one before it: a tick, hours, a day on the dot, gaps of weeks and years, and none. */
const steps = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(1) },
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 30 }).map((hours) => hours * hourMs) },
  { weight: 8, arbitrary: fc.constant(dayMs) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 45 * 24 }).map((hours) => hours * hourMs) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 800 }).map((days) => days * dayMs + 90 * minuteMs) },
);

const runs = fc.array(
  fc.record({
    step: steps,
    name: fc.integer({ min: 0, max: 999 }),
    bytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4 * 1_048_576 }), fc.constant(1_048_576)),
    pinned: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
    complete: fc.integer({ min: 0, max: 5 }).map((draw) => draw !== 0),
  }),
  { maxLength: 60, size: 'max' },
);

export const randomHistory: fc.Arbitrary<RandomHistory> = fc
  .tuple(policies, nows, fc.constantFrom(...zones), runs, fc.integer({ min: -3, max: 3 }), fc.boolean())
  .map(([policy, nowMs, zone, drawn, aheadDays, isIncomplete]) => {
    let timeMs = nowMs + (aheadDays > 0 ? aheadDays * dayMs : 0);
    const snapshots = drawn.map(({ step, name, bytes, pinned, complete }, nr): RetentionSnapshot => {
      timeMs -= step;
      return { id: `${name}-${nr}`, timeMs, bytes, pinned, complete: complete && !(isIncomplete && nr < 5) };
    });
    return { policy, snapshots, nowMs, zone };
  });
