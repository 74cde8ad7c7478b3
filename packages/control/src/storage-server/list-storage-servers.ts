import type { StorageServer } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { knownStorageServers } from './storage-server-view.ts';

/** All storage servers, by name. */
export async function listStorageServers({ database }: ControlContext, _caller: Caller, _input?: unknown): Promise<StorageServer[]> {
  return await knownStorageServers(database);
}
