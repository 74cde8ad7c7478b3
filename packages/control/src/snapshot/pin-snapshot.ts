import type { StoredSnapshot } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { notFound } from '../refusals.ts';
import { toStoredSnapshot } from './snapshot-view.ts';

export interface PinSnapshotInput {
  readonly id: string;
  readonly pinned: boolean;
}

/** Keeps a snapshot whatever the policy says, or no longer. `not-found`. */
export async function pinSnapshot(context: ControlContext, caller: Caller, { id, pinned }: PinSnapshotInput): Promise<StoredSnapshot> {
  const snapshot = await context.database.transaction(async (tables) => {
    const row = await tables
      .updateTable('snapshot')
      .set({ pinned: pinned ? 1 : 0 })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (row === undefined) throw notFound('snapshot', id);
    await writeAudit(context, tables, caller, {
      verb: 'snapshots.pin',
      object: `snapshot ${row.snapshot_id}`,
      details: pinned ? 'pinned' : 'no longer pinned',
    });
    return toStoredSnapshot(row);
  });
  context.changes.publish({ noun: 'snapshot', id });
  return snapshot;
}
