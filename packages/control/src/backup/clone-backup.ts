import type { Backup } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { readBackup } from './backup-view.ts';
import { insertBackup } from './create-backup.ts';
import { sourcePasswordOf } from './source-password.ts';

/** Makes a paused backup that is defined like another one. It has no runs and no snapshots. `not-found`; `conflict` if the name is taken. */
export async function cloneBackup(
  context: ControlContext,
  caller: Caller,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<Backup> {
  const sourcePassword = await sourcePasswordOf(context, id);
  const clone = await context.database.transaction(async (tables) => {
    const { config } = await readBackup(context, tables, id);
    const cloneId = await insertBackup(context, tables, caller, { config: { ...config, name }, sourcePassword, paused: true });
    await writeAudit(context, tables, caller, {
      verb: 'backups.clone',
      object: `backup ${name}`,
      details: `a copy of ${config.name}, paused`,
    });
    return await readBackup(context, tables, cloneId);
  });
  context.changes.publish({ noun: 'backup', id: clone.id });
  return clone;
}
