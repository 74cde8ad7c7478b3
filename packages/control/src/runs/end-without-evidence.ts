import type { ReportedError } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { nowMs } from '../now-ms.ts';
import { afterRun } from './after-run.ts';
import type { RunRow, UnprovenOutcome } from './run-row.ts';

/**
 * Ends a run of which there is no evidence, so that it never is one that succeeded: nobody worked at it, or whoever did is gone. False if
 * the run is not any more as it was read. The fence grows, so that a worker that comes back writes nothing.
 */
export async function endWithoutEvidence(
  context: ControlContext,
  tables: Tables,
  run: RunRow,
  outcome: UnprovenOutcome,
  reason: string,
): Promise<boolean> {
  const error: ReportedError | null =
    outcome === 'interrupted' ? { code: 'run-died', message: reason, hint: 'The log shows the last it wrote.', retry: 'temporary' } : null;
  const ended = await tables
    .updateTable('run')
    .set({
      state: 'ended',
      outcome,
      ended_ms: nowMs(context.clock),
      lease_until_ms: null,
      progress: null,
      fence: run.fence + 1,
      reasons: JSON.stringify([reason]),
      error: error === null ? null : JSON.stringify(error),
    })
    .where('id', '=', run.id)
    .where('fence', '=', run.fence)
    .where('state', '=', run.state)
    .where('lease_until_ms', run.lease_until_ms === null ? 'is' : '=', run.lease_until_ms)
    .returningAll()
    .executeTakeFirst();
  if (ended === undefined) return false;
  await afterRun(context, tables, { run: ended, outcome, error, reasons: [reason], report: undefined, snapshots: [] });
  return true;
}
