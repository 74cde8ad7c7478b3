import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { readBackup } from './backup-view.ts';

/**
 * Removes the definition of a backup. Its snapshots stay on their storage servers and no retention touches them any more; its reports stay
 * too. Runs that wait are cancelled. `in-use` while one of its runs works; `not-found`.
 */
export async function removeBackup(
  context: ControlContext,
  caller: Caller,
  { id }: { readonly id: string },
): Promise<Record<string, never>> {
  await context.database.transaction(async (tables) => {
    const { config, snapshots } = await readBackup(context, tables, id);
    const running = await tables
      .selectFrom('run')
      .select('kind')
      .where('backup_id', '=', id)
      .where('state', '=', 'running')
      .executeTakeFirst();
    if (running !== undefined) {
      throw new CodedError({
        code: 'in-use',
        message: `The backup ${config.name} cannot be removed while one of its runs (${running.kind}) works`,
        hint: 'Cancel the run, or wait for its end.',
      });
    }
    await tables
      .updateTable('run')
      .set({ state: 'ended', outcome: 'cancelled', ended_ms: nowMs(context.clock), reasons: JSON.stringify(['Its backup was removed.']) })
      .where('backup_id', '=', id)
      .where('state', '=', 'queued')
      .execute();
    await tables.deleteFrom('backup').where('id', '=', id).execute();
    await writeAudit(context, tables, caller, {
      verb: 'backups.remove',
      object: `backup ${config.name}`,
      details: `the definition was removed; ${snapshots} snapshots stay`,
    });
  });
  context.changes.publish({ noun: 'backup', id });
  return {};
}
