import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { readStorageServer } from '../storage-server/storage-server-view.ts';

/** A snapshot as a repository lists it. */
export interface FoundSnapshot {
  readonly snapshotId: string;
  readonly timeMs: number;
  readonly tags: readonly string[];
  readonly files?: number | null;
  readonly bytes?: number | null;
  readonly addedBytes?: number | null;
}

export interface AdoptSnapshotsInput {
  readonly storageServerId: string;
  /** When the listing began: what was recorded later is not in it and stays. */
  readonly listedMs: number;
  /** All that the repository holds. A listing that failed or was cut short must not come here. */
  readonly snapshots: readonly FoundSnapshot[];
}

export interface AdoptedSnapshots {
  readonly added: number;
  readonly removed: number;
}

const rowsAtATime = 100;

/**
 * Brings the record of a storage server's snapshots level with its repository: unknown ones are added, and given to the backup that their
 * tag `backup=ID` names if it is there; those that are gone are removed. What is known of the others stays. `not-found`.
 */
export async function adoptSnapshots(context: ControlContext, caller: Caller, input: AdoptSnapshotsInput): Promise<AdoptedSnapshots> {
  const { storageServerId, snapshots, listedMs } = input;
  const result = await context.database.transaction(async (tables) => {
    const server = await readStorageServer(tables, storageServerId);
    const rows = await tables
      .selectFrom('snapshot')
      .select(['id', 'snapshot_id', 'backup_id'])
      .where('storage_server_id', '=', storageServerId)
      .execute();
    const known = new Map(rows.map((row) => [row.snapshot_id, row]));
    const found = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]));
    const backupIds = new Set((await tables.selectFrom('backup').select('id').execute()).map(({ id }) => id));
    const listedId = (BigInt(listedMs) * 1_000_000n).toString(16).padStart(16, '0');
    const gone = rows.filter((row) => !found.has(row.snapshot_id) && row.id < listedId).map(({ id }) => id);
    for (const ids of inParts(gone)) await tables.deleteFrom('snapshot').where('id', 'in', ids).execute();
    const fresh = [...found.values()].filter(({ snapshotId }) => !known.has(snapshotId));
    for (const part of inParts(fresh)) await insert(context, tables, storageServerId, part, backupIds);
    for (const { id, snapshot_id, backup_id } of rows) {
      const backupId = backup_id === null ? backupOf(found.get(snapshot_id), backupIds) : null;
      if (backupId !== null) await tables.updateTable('snapshot').set({ backup_id: backupId }).where('id', '=', id).execute();
    }
    const counts = { added: fresh.length, removed: gone.length };
    if (counts.added + counts.removed === 0) return counts;
    await writeAudit(context, tables, caller, {
      verb: 'snapshots.adopt',
      object: `storage server ${server.name}`,
      details: `${counts.added} snapshots found, ${counts.removed} gone`,
    });
    return counts;
  });
  if (result.added + result.removed > 0) context.changes.publish({ noun: 'snapshot', id: storageServerId });
  return result;
}

async function insert(
  context: ControlContext,
  tables: Tables,
  storageServerId: string,
  found: readonly FoundSnapshot[],
  backupIds: ReadonlySet<string>,
): Promise<void> {
  const values = found.map((snapshot) => ({
    id: newId(context),
    snapshot_id: snapshot.snapshotId,
    storage_server_id: storageServerId,
    backup_id: backupOf(snapshot, backupIds),
    run_id: null,
    time_ms: snapshot.timeMs,
    files: snapshot.files ?? null,
    bytes: snapshot.bytes ?? null,
    added_bytes: snapshot.addedBytes ?? null,
    complete: 1,
    pinned: 0,
  }));
  await tables.insertInto('snapshot').values(values).execute();
}

function backupOf(snapshot: FoundSnapshot | undefined, backupIds: ReadonlySet<string>): string | null {
  const ids = snapshot?.tags.flatMap((tag) => (tag.startsWith('backup=') ? [tag.slice('backup='.length)] : [])) ?? [];
  return ids.find((id) => backupIds.has(id)) ?? null;
}

function* inParts<T>(items: readonly T[]): Generator<T[]> {
  for (let index = 0; index < items.length; index += rowsAtATime) yield items.slice(index, index + rowsAtATime);
}
