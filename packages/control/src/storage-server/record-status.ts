import { type StorageServer, StorageStatus } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { readStorageServer } from './storage-server-view.ts';

/** Writes down what was seen of a storage server; what is not given stays as it was. `not-found`. No change by a person, so no audit. */
export async function recordStatus(
  context: ControlContext,
  _caller: Caller,
  { id, status }: { readonly id: string; readonly status: Partial<StorageStatus> },
): Promise<StorageServer> {
  const server = await context.database.transaction(async (tables) => {
    const before = await readStorageServer(tables, id);
    const seen = StorageStatus.parse({ ...before.status, ...status });
    await tables
      .updateTable('storage_server')
      .set({ status: JSON.stringify(seen) })
      .where('id', '=', id)
      .execute();
    return { ...before, status: seen };
  });
  context.changes.publish({ noun: 'storage-server', id });
  return server;
}
