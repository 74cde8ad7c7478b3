import type { StoredSnapshot } from '@holdfast/contract';
import { sql } from 'kysely';
import type { Caller, ControlContext } from '../control-context.ts';
import { type Page, toPage } from '../page.ts';
import { wrongField } from '../refusals.ts';
import { toStoredSnapshot } from './snapshot-view.ts';

export interface ListSnapshotsInput {
  readonly after?: string | undefined;
  readonly limit: number;
  readonly backupId?: string | undefined;
  readonly storageServerId?: string | undefined;
}

/** Snapshots, the newest first; of equal times the greater id. */
export async function listSnapshots(
  { database }: ControlContext,
  _caller: Caller,
  input: ListSnapshotsInput,
): Promise<Page<StoredSnapshot>> {
  const { after, limit, backupId, storageServerId } = input;
  let query = database.tables
    .selectFrom('snapshot')
    .selectAll()
    .orderBy('time_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (backupId !== undefined) query = query.where('backup_id', '=', backupId);
  if (storageServerId !== undefined) query = query.where('storage_server_id', '=', storageServerId);
  if (after !== undefined) {
    const [, timeMs, id] = /^(-?\d{1,16})-([0-9a-f]{32})$/.exec(after) ?? [];
    if (timeMs === undefined || id === undefined)
      throw wrongField('after', 'This is not where a page of snapshots ends', 'Give what `next` of the page before it said.');
    query = query.where(sql<boolean>`(time_ms, id) < (${Number(timeMs)}, ${id})`);
  }
  return toPage(await query.execute(), limit, toStoredSnapshot, ({ time_ms, id }) => `${time_ms}-${id}`);
}
