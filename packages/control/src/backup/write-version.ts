import type { BackupConfig } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { nowMs } from '../now-ms.ts';

/** Adds a version of a backup and makes its storage servers and connections those of the backup. The row of the backup is there and names the version. */
export async function writeVersion(
  { clock }: ControlContext,
  tables: Tables,
  { actor }: Caller,
  { backupId, version, config }: { readonly backupId: string; readonly version: number; readonly config: BackupConfig },
): Promise<void> {
  await tables
    .insertInto('backup_version')
    .values({ backup_id: backupId, version, config: JSON.stringify(config), changed_ms: nowMs(clock), changed_by: actor })
    .execute();
  await tables.deleteFrom('backup_destination').where('backup_id', '=', backupId).execute();
  await tables
    .insertInto('backup_destination')
    .values(config.storageServerIds.map((storage_server_id) => ({ backup_id: backupId, storage_server_id })))
    .execute();
  await tables.deleteFrom('backup_connection').where('backup_id', '=', backupId).execute();
  const connectionIds = [...new Set(config.chain)];
  if (connectionIds.length === 0) return;
  await tables
    .insertInto('backup_connection')
    .values(connectionIds.map((connection_id) => ({ backup_id: backupId, connection_id })))
    .execute();
}
