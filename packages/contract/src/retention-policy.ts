import { z } from 'zod';

const span = (most: number) => z.int().min(0).max(most);

/** Which snapshots stay. Elapsed time decides, not their number; architecture.md has the exact rules. */
export const RetentionPolicy = z.strictObject({
  keep_all_backups_for_days: span(36_500).default(7),
  keep_daily_backups_for_days: span(36_500).default(16),
  keep_weekly_backups_for_weeks: span(5_200).default(8),
  keep_monthly_backups_for_months: span(1_200).default(4),
  keep_yearly_backups_for_years: span(100).default(2),
  /** A megabyte is 1 048 576 bytes. Null: no limit. */
  delete_oldest_backups_when_using_more_megabytes_than: z.int().positive().nullable().default(5000),
  representative: z.enum(['latest', 'earliest']).default('latest'),
});
export type RetentionPolicy = z.infer<typeof RetentionPolicy>;
