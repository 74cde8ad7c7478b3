import type { Backup, BackupConfig } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { readBackup } from './backup-view.ts';
import { checkConfig } from './check-config.ts';
import { sealSourcePassword } from './source-password.ts';
import { writeVersion } from './write-version.ts';

/** Defines a backup. Its schedule counts from now on. Errors as `checkConfig`. */
export async function createBackup(
  context: ControlContext,
  caller: Caller,
  { config, sourcePassword = null }: { readonly config: BackupConfig; readonly sourcePassword?: string | null | undefined },
): Promise<Backup> {
  const backup = await context.database.transaction(async (tables) => {
    const id = await insertBackup(context, tables, caller, { config, sourcePassword, paused: false });
    await writeAudit(context, tables, caller, {
      verb: 'backups.create',
      object: `backup ${config.name}`,
      details: JSON.stringify(config),
    });
    return await readBackup(context, tables, id);
  });
  context.changes.publish({ noun: 'backup', id: backup.id });
  return backup;
}

/** Checks the configuration and writes a backup's first version. Returns its id. */
export async function insertBackup(
  context: ControlContext,
  tables: Tables,
  caller: Caller,
  { config, sourcePassword, paused }: { readonly config: BackupConfig; readonly sourcePassword: string | null; readonly paused: boolean },
): Promise<string> {
  const id = newId(context);
  const now = nowMs(context.clock);
  await checkConfig(tables, config, null);
  await tables
    .insertInto('backup')
    .values({
      id,
      name: config.name,
      version: 1,
      paused: paused ? 1 : 0,
      created_ms: now,
      scheduled_until_ms: now,
      failures_in_row: 0,
      source_password: sealSourcePassword(context, id, sourcePassword),
    })
    .execute();
  await writeVersion(context, tables, caller, { backupId: id, version: 1, config });
  return id;
}
