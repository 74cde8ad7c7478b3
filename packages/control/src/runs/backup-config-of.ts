import { BackupConfig } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { Tables } from '../database/database.ts';

/** The configuration of that version. `not-found` if the backup is gone. */
export async function backupConfigOf(tables: Tables, backupId: string | null, version: number | null): Promise<BackupConfig> {
  const config = await findBackupConfig(tables, backupId, version);
  if (config !== undefined) return config;
  throw new CodedError({ code: 'not-found', message: 'The backup of this run was removed', hint: 'Its snapshots are still there.' });
}

/** The configuration of that version, if there is one. */
export async function findBackupConfig(tables: Tables, backupId: string | null, version: number | null): Promise<BackupConfig | undefined> {
  if (backupId === null || version === null) return undefined;
  const row = await tables
    .selectFrom('backup_version')
    .select('config')
    .where('backup_id', '=', backupId)
    .where('version', '=', version)
    .executeTakeFirst();
  return row && BackupConfig.parse(JSON.parse(row.config));
}
