import type { Tables } from '@holdfast/control';
import { z } from 'zod';

const BackupRequest = z.object({ storageServerIds: z.array(z.string()).default([]) });

/** Runs that leave less or more on a storage server than was there. */
const changing = ['backup', 'prune', 'retention'];

/** The storage servers at which runs work, or would if there were a free worker. */
export async function busyStorageServers(tables: Tables, nowMs: number): Promise<ReadonlySet<string>> {
  const rows = await tables
    .selectFrom('run')
    .select(['kind', 'backup_id', 'storage_server_id', 'request'])
    .where(({ eb, and, or }) => or([eb('state', '=', 'running'), and([eb('state', '=', 'queued'), eb('not_before_ms', '<=', nowMs)])]))
    .limit(1_000)
    .execute();
  return new Set(rows.flatMap(storageServersOf));
}

/** The storage servers that runs have changed which ended then or later, and when the last of these ended. */
export async function changedStorageServers(tables: Tables, afterMs: number): Promise<{ readonly id: string; readonly endedMs: number }[]> {
  const rows = await tables
    .selectFrom('run')
    .select(['kind', 'storage_server_id', 'request', 'ended_ms'])
    .where('ended_ms', '>=', afterMs)
    .where('kind', 'in', changing)
    .orderBy('ended_ms')
    .limit(1_000)
    .execute();
  return rows.flatMap((row) => storageServersOf(row).map((id) => ({ id, endedMs: row.ended_ms ?? 0 })));
}

/** A backup that has not begun knows none yet; it changes nothing until then. */
function storageServersOf(row: { readonly kind: string; readonly storage_server_id: string | null; readonly request: string }): string[] {
  if (row.storage_server_id !== null) return [row.storage_server_id];
  return row.kind === 'backup' ? BackupRequest.parse(JSON.parse(row.request)).storageServerIds : [];
}
