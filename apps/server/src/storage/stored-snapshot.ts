import type { RepositoryAccess } from '@holdfast/contract';
import { type ControlContext, repositoryAccess } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';

/** Where a snapshot of Holdfast's records lies, and how to get at it. `not-found` if there is none of that id. */
export async function storedSnapshot(
  control: ControlContext,
  id: string,
): Promise<{ readonly access: RepositoryAccess; readonly snapshotId: string }> {
  const row = await control.database.tables
    .selectFrom('snapshot')
    .select(['snapshot_id', 'storage_server_id'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) {
    throw new CodedError({ code: 'not-found', message: `There is no snapshot ${id}`, hint: 'Retention may have removed it since.' });
  }
  return { access: await repositoryAccess(control, row.storage_server_id), snapshotId: row.snapshot_id };
}
