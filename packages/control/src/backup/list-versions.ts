import { BackupConfig } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { notFound } from '../refusals.ts';

export interface ShownVersion {
  version: number;
  config: BackupConfig;
  changedMs: number;
  changedBy: string;
}

/** How a backup was defined over time, the newest first. `not-found`. */
export async function listVersions(
  { database }: ControlContext,
  _caller: Caller,
  { id }: { readonly id: string },
): Promise<ShownVersion[]> {
  const rows = await database.tables
    .selectFrom('backup_version')
    .selectAll()
    .where('backup_id', '=', id)
    .orderBy('version', 'desc')
    .execute();
  if (rows.length === 0) throw notFound('backup', id);
  return rows.map((row) => ({
    version: row.version,
    config: BackupConfig.parse(JSON.parse(row.config)),
    changedMs: row.changed_ms,
    changedBy: row.changed_by,
  }));
}
