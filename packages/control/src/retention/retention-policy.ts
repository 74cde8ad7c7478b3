import { z } from 'zod';
import { checkInput, shown } from '../schedule/check-input.ts';

const most = 100_000;
/** So that the cap in bytes is still a whole number that the language can hold. */
const mostMegabytes = 2 ** 33 - 1;

/** The settings by the names that users see. Unknown ones are refused: a typo in a keep rule would delete. */
export const retentionPolicySchema = z.strictObject({
  /** Everything younger stays. */
  keep_all_backups_for_days: wholeNumber(0, most).default(7),
  /** Then one for each calendar day, for so many further days. */
  keep_daily_backups_for_days: wholeNumber(0, most).default(16),
  /** Then one for each ISO week, for so many further weeks. */
  keep_weekly_backups_for_weeks: wholeNumber(0, most).default(8),
  /** Then one for each month, for so many further months. */
  keep_monthly_backups_for_months: wholeNumber(0, most).default(4),
  /** Then one for each year, for so many further years; older ones go. */
  keep_yearly_backups_for_years: wholeNumber(0, most).default(2),
  /** Then the oldest go until the rest fits. A megabyte is 1 048 576 bytes; null is no limit. */
  delete_oldest_backups_when_using_more_megabytes_than: wholeNumber(1, mostMegabytes, ', or null for no limit').nullable().default(5000),
  /** Which one of a day, week, month or year stays: the last or the first of it. */
  representative: z
    .enum(['latest', 'earliest'], { error: ({ input }) => `must be "latest" or "earliest", not ${shown(input)}` })
    .default('latest'),
});

export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;

/** A policy from JSON, with defaults for what is missing; `invalid-argument` that names the setting for anything else. */
export function parseRetentionPolicy(value: unknown): RetentionPolicy {
  return checkInput<RetentionPolicy>(retentionPolicySchema, value, {
    what: 'The retention policy',
    hint: `Settings are ${Object.keys(retentionPolicySchema.shape).join(', ')}. Nothing was removed.`,
  });
}

function wholeNumber(lowest: number, highest: number, or = ''): z.ZodInt {
  const error = ({ input }: { readonly input?: unknown }): string =>
    `must be a whole number from ${lowest} to ${highest}${or}, not ${shown(input)}`;
  return z.int({ error }).min(lowest, { error }).max(highest, { error });
}
