import type { MaintenancePlan, StorageOptions, StorageServer } from '@holdfast/contract';
import { type Caller, control, repositoryAccess } from '@holdfast/control';
import type { Services } from '../http/services.ts';
import { thrownError } from './thrown-error.ts';

export interface UpdateStorageServerInput {
  readonly id: string;
  readonly name?: string | undefined;
  readonly options?: StorageOptions | undefined;
  readonly maintenance?: MaintenancePlan | undefined;
}

/** Changes a storage server. A new place is taken only if the same repository is there. */
export async function updateStorageServer(
  services: Services,
  caller: Caller,
  input: UpdateStorageServerInput,
  signal: AbortSignal,
): Promise<StorageServer> {
  if (input.options !== undefined) {
    const access = { ...(await repositoryAccess(services.control, input.id)), storage: input.options };
    const { error } = await (await services.vaults.reader()).status(access, signal);
    if (error !== null) throw thrownError(error, 'options.path');
  }
  return await control.storageServers.update(services.control, caller, input);
}
