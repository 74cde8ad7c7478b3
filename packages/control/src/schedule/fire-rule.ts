/** A schedule in its one inner form. All sets are ascending, without repeats, and never empty. */
export interface FireRule {
  /** 0 to 59. */
  readonly minutes: readonly number[];
  /** 0 to 23. */
  readonly hours: readonly number[];
  /** 1 to 31. */
  readonly daysOfMonth: readonly number[];
  /** 1 to 12. */
  readonly months: readonly number[];
  /** ISO: 1 is Monday, 7 is Sunday. */
  readonly daysOfWeek: readonly number[];
  /** Whether a day must be in both sets of days, or in one of them (cron, where both are restricted). */
  readonly days: 'both' | 'either';
}
