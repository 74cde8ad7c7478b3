import type { ExclusionRules } from './exclusion-rules.ts';

/** Count what a backup of these targets will store. */
export interface ScanJob {
  readonly targets: readonly Uint8Array[];
  readonly exclusions: ExclusionRules;
  readonly devices: readonly bigint[] | undefined;
}

/** Files and their bytes, so far or in all. */
export interface ScanTotals {
  readonly files: number;
  readonly bytes: number;
}
