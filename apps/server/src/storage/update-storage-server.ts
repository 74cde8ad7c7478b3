import type { MaintenancePlan, StorageOptions, StorageSecrets, StorageServer } from '@holdfast/contract';
import { type Caller, control, repositoryAccess } from '@holdfast/control';
import type { Services } from '../http/services.ts';
import { placeField, thrownError } from './thrown-error.ts';

export interface UpdateStorageServerInput {
  readonly id: string;
  readonly name?: string | undefined;
  readonly options?: StorageOptions | undefined;
  readonly secrets?: StorageSecrets | undefined;
  readonly maintenance?: MaintenancePlan | undefined;
}

/** Changes a storage server. A new place, or new keys, are taken only if the same repository is there. */
export async function updateStorageServer(
  services: Services,
  caller: Caller,
  input: UpdateStorageServerInput,
  signal: AbortSignal,
): Promise<StorageServer> {
  if (input.options !== undefined || input.secrets !== undefined) {
    const known = await repositoryAccess(services.control, input.id);
    const secrets = input.secrets ?? known.secrets;
    const access = { ...known, storage: input.options ?? known.storage, ...(secrets === undefined ? {} : { secrets }) };
    const { error } = await (await services.vaults.reader()).status(access, signal);
    if (error !== null) throw thrownError(error, placeField(access.storage));
  }
  return await control.storageServers.update(services.control, caller, input);
}
