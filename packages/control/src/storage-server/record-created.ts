import {
  type MaintenancePlan,
  type StorageOptions,
  type StorageSecrets,
  type StorageServer,
  StorageStatus,
  storagePlace,
} from '@holdfast/contract';
import type { Secret } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { forgetPendingRepository } from './pending-repository.ts';
import { requirePlace } from './require-place.ts';
import { sealStorageSecrets } from './storage-secrets.ts';
import { readStorageServer } from './storage-server-view.ts';

export interface CreatedStorageServer {
  readonly name: string;
  readonly options: StorageOptions;
  readonly secrets?: StorageSecrets | undefined;
  readonly maintenance: MaintenancePlan;
  /** Of the repository, which opens with it. */
  readonly password: Secret;
  /** From the repository's own config. */
  readonly repositoryId: string;
  /** Whether the repository was there before. */
  readonly adopted: boolean;
  /** What was seen of it, if it was looked at. */
  readonly status?: Partial<StorageStatus>;
}

const unknownStatus: StorageStatus = {
  reachable: null,
  checkedMs: null,
  usedBytes: null,
  freeBytes: null,
  snapshots: null,
  latencyMs: null,
  error: null,
  lastCheckedWholeMs: null,
  lastReadDataMs: null,
};

/** Records a storage server whose repository exists. `conflict` if its name, place or repository is recorded already: see also `requireNew`. */
export async function recordCreated(context: ControlContext, caller: Caller, created: CreatedStorageServer): Promise<StorageServer> {
  const { database, clock, sealer } = context;
  const { name, options, maintenance, password, repositoryId, adopted } = created;
  const id = newId(context);
  const status = StorageStatus.parse({ ...unknownStatus, ...created.status });
  const server = await database.transaction(async (tables) => {
    await requirePlace(tables, { name, options, repositoryId });
    await tables
      .insertInto('storage_server')
      .values({
        id,
        name,
        options: JSON.stringify(options),
        password: sealer.seal(password, { table: 'storage_server', id, column: 'password' }),
        secrets: sealStorageSecrets(sealer, id, created.secrets),
        repository_id: repositoryId,
        maintenance: JSON.stringify(maintenance),
        created_ms: nowMs(clock),
        recovery_key_taken_ms: null,
        status: JSON.stringify(status),
      })
      .execute();
    await forgetPendingRepository(tables, options);
    await writeAudit(context, tables, caller, {
      verb: 'storage-servers.create',
      object: `storage server ${name}`,
      details: `${adopted ? 'adopted' : 'made'} repository ${repositoryId} at ${storagePlace(options)}`,
    });
    return await readStorageServer(tables, id);
  });
  context.changes.publish({ noun: 'storage-server', id });
  return server;
}

/** To be asked before a repository is made: `conflict` as `recordCreated`, so that none is made in vain. */
export async function requireNew(
  { database }: ControlContext,
  _caller: Caller,
  wanted: { readonly name: string; readonly options: StorageOptions },
): Promise<void> {
  await requirePlace(database.tables, { name: wanted.name, options: wanted.options });
}
