import type { RunKind, RunOutcome, RunTrigger } from '@holdfast/contract';
import type { RunTable } from '../database/schema.ts';

/** A run as it is in the database. */
export type RunRow = RunTable;

/** A run that this worker holds: what it writes counts only as long as the fence is still this one. */
export interface ClaimedRun extends RunRow {
  readonly kind: RunKind;
  readonly trigger: RunTrigger;
}

/** How a run can end of which nobody has evidence. */
export type UnprovenOutcome = Extract<RunOutcome, 'cancelled' | 'interrupted' | 'missed'>;

/** Whether it has its storage server for itself. */
export function isExclusive(kind: string): boolean {
  return kind === 'check' || kind === 'prune' || kind === 'retention';
}
