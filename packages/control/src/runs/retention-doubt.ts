import type { Tables } from '../database/database.ts';
import { clockToleranceMs } from '../scheduler/clock-watch.ts';

export interface RecordedSnapshot {
  readonly snapshotId: string;
  readonly timeMs: number;
  /** Of its content, as it is in the source. Null where that is not known. */
  readonly bytes: number | null;
  readonly files: number | null;
  readonly pinned: boolean;
  readonly complete: boolean;
}

/** The snapshots of a backup on a storage server, as the database knows them: by our own id of the backup, never by host, path or tag alone. */
export async function recordedSnapshots(tables: Tables, backupId: string, storageServerId: string): Promise<RecordedSnapshot[]> {
  const rows = await tables
    .selectFrom('snapshot')
    .select(['snapshot_id', 'time_ms', 'bytes', 'files', 'pinned', 'complete'])
    .where('backup_id', '=', backupId)
    .where('storage_server_id', '=', storageServerId)
    .execute();
  return rows.map((row) => ({
    snapshotId: row.snapshot_id,
    timeMs: row.time_ms,
    bytes: row.bytes,
    files: row.files,
    pinned: row.pinned === 1,
    complete: row.complete === 1,
  }));
}

/** Why nothing may be removed now, as sentences; none where all is clear. Pure. */
export function snapshotDoubts(snapshots: readonly RecordedSnapshot[], nowMs: number): string[] {
  const future = snapshots.filter(({ timeMs }) => timeMs > nowMs + clockToleranceMs).length;
  return future === 0 ? [] : [`${future} snapshots are from the future.`];
}

/** Whether the newest run of the backup left a whole snapshot on that storage server; else why it is in doubt. */
export async function newestRunDoubt(tables: Tables, backupId: string, storageServerId: string): Promise<string | undefined> {
  const newest = await tables
    .selectFrom('run')
    .select(['id', 'outcome'])
    .where('backup_id', '=', backupId)
    .where('kind', '=', 'backup')
    .where('state', '=', 'ended')
    .where('outcome', 'not in', ['missed', 'cancelled'])
    .orderBy('ended_ms', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (newest === undefined) return 'The backup has never run.';
  const snapshot = await tables
    .selectFrom('snapshot')
    .select('complete')
    .where('run_id', '=', newest.id)
    .where('storage_server_id', '=', storageServerId)
    .executeTakeFirst();
  return snapshot?.complete === 1 ? undefined : 'The newest run left no whole snapshot on this storage server.';
}
