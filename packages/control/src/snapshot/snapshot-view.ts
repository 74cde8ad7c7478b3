import type { StoredSnapshot } from '@holdfast/contract';
import type { SnapshotTable } from '../database/schema.ts';

/** A snapshot as the API shows it. */
export function toStoredSnapshot(row: SnapshotTable): StoredSnapshot {
  return {
    id: row.id,
    snapshotId: row.snapshot_id,
    storageServerId: row.storage_server_id,
    backupId: row.backup_id,
    runId: row.run_id,
    timeMs: row.time_ms,
    files: row.files,
    bytes: row.bytes,
    addedBytes: row.added_bytes,
    complete: row.complete === 1,
    pinned: row.pinned === 1,
  };
}
