import type { RunKind, RunOutcome, RunState } from '@holdfast/contract';
import { oneOf, text } from './search-values.ts';

export const runKinds: readonly RunKind[] = ['backup', 'restore', 'check', 'prune', 'retention'];
export const runOutcomes: readonly RunOutcome[] = ['succeeded', 'partial', 'failed', 'cancelled', 'interrupted', 'missed'];
export const runStates: readonly RunState[] = ['queued', 'running', 'ended'];

/** Filters of the list of reports. */
export interface ReportsSearch {
  readonly kind?: RunKind | undefined;
  readonly outcome?: RunOutcome | undefined;
  readonly state?: RunState | undefined;
  readonly backup?: string | undefined;
  readonly storage?: string | undefined;
}

/** Filters from an address; what is no filter there is left out. */
export function reportsSearch(search: Record<string, unknown>): ReportsSearch {
  return {
    kind: oneOf(runKinds, search['kind']),
    outcome: oneOf(runOutcomes, search['outcome']),
    state: oneOf(runStates, search['state']),
    backup: text(search['backup']),
    storage: text(search['storage']),
  };
}
