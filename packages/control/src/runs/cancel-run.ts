import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { endWithoutEvidence } from './end-without-evidence.ts';
import { findRun } from './find-run.ts';

/**
 * Stops a run: one that waits ends at once, one that works is told by its worker within seconds. `not-found`, or `conflict` if it has ended.
 */
export async function cancelRun(context: ControlContext, caller: Caller, { id }: { readonly id: string }): Promise<Record<string, never>> {
  await context.database.transaction(async (tables) => {
    const run = await findRun(tables, id);
    if (run.state === 'ended') {
      throw new CodedError({ code: 'conflict', message: `The run of ${run.title} has ended already`, hint: 'Look at its report.' });
    }
    await tables.updateTable('run').set({ cancel_requested: 1 }).where('id', '=', id).execute();
    if (run.state === 'queued')
      await endWithoutEvidence(context, tables, run, 'cancelled', `It was cancelled by ${caller.actor} before it began.`);
    await writeAudit(context, tables, caller, { verb: 'runs.cancel', object: `run ${id}`, details: run.title });
  });
  context.changes.publish({ noun: 'run', id });
  return {};
}
