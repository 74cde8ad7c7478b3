import type { RangeName } from './retention-ranges.ts';

/** The rule that a snapshot of that local time would be kept by in the range: `daily 2026-11-03`, `weekly 2026-W07`, …; `all` in all. */
export function calendarUnit(range: RangeName, local: Temporal.ZonedDateTime): string {
  switch (range) {
    case 'all':
      return 'all';
    case 'daily':
      return `daily ${local.toPlainDate().toString()}`;
    case 'weekly':
      return `weekly ${local.yearOfWeek ?? local.year}-W${String(local.weekOfYear ?? 0).padStart(2, '0')}`;
    case 'monthly':
      return `monthly ${local.toPlainDate().toPlainYearMonth().toString()}`;
    case 'yearly':
      return `yearly ${local.year}`;
  }
}
