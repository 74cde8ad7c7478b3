/** What becomes of one snapshot. */
export interface RetentionEntry {
  readonly id: string;
  readonly keep: boolean;
  /**
   * The rule that keeps it: `all`, `daily 2026-11-03`, `weekly 2026-W07`, `monthly 2026-05`, `yearly 2025`, `newest` (where no other does),
   * `pinned`, `future`, `incomplete`. Or the one that removes it: `superseded in daily 2026-11-03 by ID`, `expired`, `incomplete`, `cap`.
   */
  readonly rule: string;
  /**
   * ISO instant until which that rule keeps it if only time goes on; null where time alone does not end it (newest, pinned, future, an
   * incomplete one without a newer complete one) and for what is removed. At that instant the far end of its range reaches it, or a later
   * snapshot of the same day, week, month or year comes into the range and takes its place. Another rule may keep it from then on: the end of
   * `all` is mostly the beginning of `daily`. New backups and the cap are not foreseen, and neither is that a far end goes back again for some
   * days at the end of a long month (29 March − 1 month is before 28 March − 1 month in the evening) or an hour where clocks change.
   */
  readonly until: string | null;
}

/** What a cap has to measure before it can be applied. */
export interface CapQuestion {
  readonly capBytes: number;
  /** Everything kept so far: first what a cap may not remove, then from the newest to the oldest. */
  readonly order: readonly string[];
  /** How many of the first of them a cap may not remove. */
  readonly protectedCount: number;
}

export interface RetentionPlan {
  /** In the order of the input. */
  readonly entries: readonly RetentionEntry[];
  /** What is still to be measured and given to `applyCap`; null where no cap is set or it has been applied. */
  readonly cap: CapQuestion | null;
}
