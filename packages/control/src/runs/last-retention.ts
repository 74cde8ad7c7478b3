import type { Tables } from '../database/database.ts';

export interface LastRetention {
  readonly backupId: string;
  readonly storageServerId: string;
  /** When retention last came to its end there, whatever it removed. */
  readonly atMs: number;
}

/** When retention last did its work, for each backup and storage server; for one backup only if it is given. None where it never did. */
export async function lastRetentions(tables: Tables, backupId?: string): Promise<LastRetention[]> {
  let query = tables
    .selectFrom('run')
    .select(({ fn }) => ['backup_id', 'storage_server_id', fn.max('ended_ms').as('at_ms')])
    .where('kind', '=', 'retention')
    .where('outcome', '=', 'succeeded')
    .where('backup_id', 'is not', null)
    .where('storage_server_id', 'is not', null)
    .groupBy(['backup_id', 'storage_server_id']);
  if (backupId !== undefined) query = query.where('backup_id', '=', backupId);
  const rows = await query.execute();
  return rows.map((row) => ({ backupId: String(row.backup_id), storageServerId: String(row.storage_server_id), atMs: Number(row.at_ms) }));
}
