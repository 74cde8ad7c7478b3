import type { StorageServer, StorageStatus } from '@holdfast/contract';
import { type Caller, control, nowMs, reported, repositoryAccess } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';
import type { Services } from '../http/services.ts';
import { adoptFoundSnapshots } from './find-snapshots.ts';

type Looking = Pick<Services, 'control' | 'vaults' | 'clock'>;

/** Looks at a storage server now and writes down what is seen; what is wrong with it is in its status, not thrown. `not-found`. */
export async function refreshStorageServer(services: Looking, caller: Caller, id: string, signal: AbortSignal): Promise<StorageServer> {
  const status = await lookAt(services, caller, id, signal);
  return await control.storageServers.recordStatus(services.control, caller, {
    id,
    status: { ...status, checkedMs: nowMs(services.clock) },
  });
}

async function lookAt(services: Looking, caller: Caller, id: string, signal: AbortSignal): Promise<Partial<StorageStatus>> {
  let seen: Partial<StorageStatus> = { reachable: false };
  try {
    const access = await repositoryAccess(services.control, id);
    const reader = await services.vaults.reader();
    seen = await reader.status(access, signal);
    if (seen.reachable) await adoptFoundSnapshots(services, caller, access, signal);
    return seen;
  } catch (error) {
    signal.throwIfAborted();
    // Whatever is no coded error is a defect of ours, and says nothing of the storage server.
    if (!CodedError.is(error) || error.code === 'not-found') throw error;
    return { ...seen, error: reported(error) };
  }
}
