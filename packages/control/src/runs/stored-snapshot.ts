import type { Tables } from '../database/database.ts';
import { notFound } from '../refusals.ts';

/** Of a snapshot that is to be restored, what its run has to know. */
export interface SnapshotToRestore {
  readonly snapshot_id: string;
  readonly storage_server_id: string;
  readonly backup_id: string | null;
  /** Of its backup, or of its storage server where that is gone. */
  readonly title: string;
}

/** `not-found` if it is not there any more. */
export async function storedSnapshot(tables: Tables, id: string): Promise<SnapshotToRestore> {
  const row = await tables
    .selectFrom('snapshot')
    .innerJoin('storage_server', 'storage_server.id', 'snapshot.storage_server_id')
    .leftJoin('backup', 'backup.id', 'snapshot.backup_id')
    .select([
      'snapshot.snapshot_id',
      'snapshot.storage_server_id',
      'snapshot.backup_id',
      'storage_server.name',
      'backup.name as backup_name',
    ])
    .where('snapshot.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw notFound('snapshot', id);
  const { name, backup_name, ...rest } = row;
  return { ...rest, title: backup_name ?? name };
}
