import type { RunKind, RunOutcome, RunState, RunSummary } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { runSummary, summaryColumns } from './run-summary.ts';

export interface ListRunsInput {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly backupId?: string | undefined;
  readonly storageServerId?: string | undefined;
  readonly kind?: RunKind | undefined;
  readonly state?: RunState | undefined;
  readonly outcome?: RunOutcome | undefined;
}

/** A page of runs, the newest first. */
export async function listRuns(
  { database }: ControlContext,
  _caller: Caller,
  input: ListRunsInput,
): Promise<{ items: RunSummary[]; next: string | null }> {
  let query = database.tables
    .selectFrom('run')
    .select(summaryColumns)
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.after !== undefined) query = query.where('id', '<', input.after);
  if (input.backupId !== undefined) query = query.where('backup_id', '=', input.backupId);
  if (input.storageServerId !== undefined) query = query.where('storage_server_id', '=', input.storageServerId);
  if (input.kind !== undefined) query = query.where('kind', '=', input.kind);
  if (input.state !== undefined) query = query.where('state', '=', input.state);
  if (input.outcome !== undefined) query = query.where('outcome', '=', input.outcome);
  const rows = await query.execute();
  const items = rows.slice(0, input.limit).map(runSummary);
  return { items, next: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null };
}
