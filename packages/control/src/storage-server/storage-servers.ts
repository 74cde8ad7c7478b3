import { getStorageServer } from './get-storage-server.ts';
import { listStorageServers } from './list-storage-servers.ts';
import { beginRepository, dropPendingRepository, findPendingRepository } from './pending-repository.ts';
import { recordCreated, requireNew } from './record-created.ts';
import { recordStatus } from './record-status.ts';
import { removeStorageServer } from './remove-storage-server.ts';
import { takeRecoveryKey } from './take-recovery-key.ts';
import { updateStorageServer } from './update-storage-server.ts';

/** The verbs of the noun `storageServers`. */
export const storageServers = {
  list: listStorageServers,
  get: getStorageServer,
  requireNew,
  findPending: findPendingRepository,
  begin: beginRepository,
  dropPending: dropPendingRepository,
  recordCreated,
  recordStatus,
  update: updateStorageServer,
  remove: removeStorageServer,
  recoveryKey: takeRecoveryKey,
} as const;
