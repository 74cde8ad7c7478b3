import type { Backup } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { readBackup } from './backup-view.ts';

/** Pauses the schedule of a backup, or resumes it from now on: what was due meanwhile is not made up for. `not-found`. */
export async function setPaused(
  context: ControlContext,
  caller: Caller,
  { id, paused }: { readonly id: string; readonly paused: boolean },
): Promise<Backup> {
  const backup = await context.database.transaction(async (tables) => {
    const before = await readBackup(context, tables, id);
    if (before.paused === paused) return before;
    await tables
      .updateTable('backup')
      .set(paused ? { paused: 1 } : { paused: 0, scheduled_until_ms: nowMs(context.clock) })
      .where('id', '=', id)
      .execute();
    await writeAudit(context, tables, caller, {
      verb: 'backups.set-paused',
      object: `backup ${before.config.name}`,
      details: paused ? 'paused' : 'resumed',
    });
    return await readBackup(context, tables, id);
  });
  context.changes.publish({ noun: 'backup', id });
  return backup;
}
