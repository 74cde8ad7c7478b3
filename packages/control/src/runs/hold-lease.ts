import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import type { RunRow } from './run-row.ts';

/** Renews the lease of a run. Tells whether the run is still ours, and whether somebody wants it cancelled. */
export async function renewLease(
  context: ControlContext,
  { id, fence }: Pick<RunRow, 'id' | 'fence'>,
  leaseMs: number,
): Promise<{ readonly isOurs: boolean; readonly cancelRequested: boolean }> {
  const row = await context.database.tables
    .updateTable('run')
    .set({ lease_until_ms: nowMs(context.clock) + leaseMs })
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('state', '=', 'running')
    .returning('cancel_requested')
    .executeTakeFirst();
  return { isOurs: row !== undefined, cancelRequested: row?.cancel_requested === 1 };
}

/** Which of that worker's runs somebody wants cancelled: asked often, for it costs little. */
export async function cancelledRuns(context: ControlContext, worker: string): Promise<readonly string[]> {
  const rows = await context.database.tables
    .selectFrom('run')
    .select('id')
    .where('state', '=', 'running')
    .where('worker', '=', worker)
    .where('cancel_requested', '=', 1)
    .execute();
  return rows.map(({ id }) => id);
}
