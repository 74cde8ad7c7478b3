import type { StorageServer } from '@holdfast/contract';
import { type Caller, control, nowMs, repositoryAccess } from '@holdfast/control';
import type { Services } from '../http/services.ts';
import { adoptFoundSnapshots } from './find-snapshots.ts';

/** Looks at a storage server now and writes down what is seen. */
export async function refreshStorageServer(services: Services, caller: Caller, id: string, signal: AbortSignal): Promise<StorageServer> {
  const access = await repositoryAccess(services.control, id);
  const reader = await services.vaults.reader();
  const seen = await reader.status(access, signal);
  if (seen.reachable) await adoptFoundSnapshots(services, caller, access, signal);
  return await control.storageServers.recordStatus(services.control, caller, { id, status: { ...seen, checkedMs: nowMs(services.clock) } });
}
