import type { RunSummary } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { findRun } from '../runs/find-run.ts';
import { insertRun } from '../runs/insert-run.ts';
import { runSummary } from '../runs/run-summary.ts';
import { readBackup } from './backup-view.ts';

/**
 * Queues a run of a backup now, paused or not. One that waits already, for its next try perhaps, starts now instead. `conflict` if one works;
 * `not-found`.
 */
export async function runBackup(context: ControlContext, caller: Caller, { id }: { readonly id: string }): Promise<RunSummary> {
  const summary = await context.database.transaction(async (tables) => {
    const { config } = await readBackup(context, tables, id);
    const present = await tables
      .selectFrom('run')
      .select(['id', 'state'])
      .where('backup_id', '=', id)
      .where('kind', '=', 'backup')
      .where('state', '!=', 'ended')
      .orderBy('state')
      .execute();
    if (present.some(({ state }) => state === 'running')) {
      throw new CodedError({
        code: 'conflict',
        message: `The backup ${config.name} runs already`,
        hint: 'Watch that run, or cancel it first.',
      });
    }
    const [waiting] = present;
    if (waiting !== undefined)
      await tables
        .updateTable('run')
        .set({ not_before_ms: nowMs(context.clock) })
        .where('id', '=', waiting.id)
        .execute();
    const runId =
      waiting?.id ?? (await insertRun(context, tables, { kind: 'backup', title: config.name, trigger: 'person', backupId: id }));
    await writeAudit(context, tables, caller, { verb: 'backups.run', object: `backup ${config.name}`, details: `run ${runId}` });
    return runSummary(await findRun(tables, String(runId)));
  });
  context.changes.publish({ noun: 'run', id: summary.id });
  return summary;
}
