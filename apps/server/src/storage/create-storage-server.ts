import type { MaintenancePlan, StorageServer } from '@holdfast/contract';
import { type Caller, control, nowMs } from '@holdfast/control';
import type { Services } from '../http/services.ts';
import { findSnapshots } from './find-snapshots.ts';
import { makeRepository, type RepositoryWish } from './make-repository.ts';

export interface CreateStorageServerInput extends RepositoryWish {
  readonly name: string;
  readonly maintenance: MaintenancePlan;
}

/**
 * Makes a repository, or adopts the one that is there, and records it. If it cannot be recorded, what was made is taken away again. One after
 * the other: who asks twice for the same place gets `conflict`, not half of a repository.
 */
export async function createStorageServer(
  services: Services,
  caller: Caller,
  input: CreateStorageServerInput,
  signal: AbortSignal,
): Promise<StorageServer> {
  return await services.making.run(async () => await makeAndRecord(services, caller, input, signal));
}

async function makeAndRecord(
  services: Services,
  caller: Caller,
  input: CreateStorageServerInput,
  signal: AbortSignal,
): Promise<StorageServer> {
  signal.throwIfAborted();
  const { name, options, secrets, maintenance, adopt } = input;
  const verbs = control.storageServers;
  await verbs.requireNew(services.control, caller, { name, options });
  const { repositoryId, password, undo } = await makeRepository(services, input, signal);
  const access = {
    storageServerId: '',
    name,
    storage: options,
    ...(secrets === undefined ? {} : { secrets }),
    password: password.reveal(),
    repositoryId,
  };
  try {
    const found = adopt ? await findSnapshots(services, access, signal) : undefined;
    const status = { ...(await (await services.vaults.reader()).status(access, signal)), checkedMs: nowMs(services.clock) };
    const created = { name, options, secrets, maintenance, password, repositoryId, adopted: adopt, status };
    const server = await verbs.recordCreated(services.control, caller, created);
    if (found !== undefined) await control.snapshots.adopt(services.control, caller, { storageServerId: server.id, ...found });
    return server;
  } catch (error) {
    await undo();
    throw error;
  }
}
