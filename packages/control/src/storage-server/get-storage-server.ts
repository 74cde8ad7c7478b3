import type { StorageServer } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { readStorageServer } from './storage-server-view.ts';

/** `not-found` if there is none. */
export async function getStorageServer(
  { database }: ControlContext,
  _caller: Caller,
  { id }: { readonly id: string },
): Promise<StorageServer> {
  return await readStorageServer(database.tables, id);
}
