import type { MaintenancePlan, StorageOptions, StorageSecrets, StorageServer } from '@holdfast/contract';
import { describeChanges } from '../audit/describe-changes.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { requirePlace } from './require-place.ts';
import { sealStorageSecrets } from './storage-secrets.ts';
import { readStorageServer } from './storage-server-view.ts';

export interface UpdateStorageServerInput {
  readonly id: string;
  readonly name?: string | undefined;
  /** The data plane has seen that the same repository is there. */
  readonly options?: StorageOptions | undefined;
  /** In place of those that there are. */
  readonly secrets?: StorageSecrets | undefined;
  readonly maintenance?: MaintenancePlan | undefined;
}

/** Changes what is given. `not-found`; `conflict` if another has the name or the place. */
export async function updateStorageServer(
  context: ControlContext,
  caller: Caller,
  input: UpdateStorageServerInput,
): Promise<StorageServer> {
  const { id, name, options, secrets } = input;
  const server = await context.database.transaction(async (tables) => {
    const before = await readStorageServer(tables, id);
    await requirePlace(tables, { id, name, options });
    const after = {
      name: name ?? before.name,
      options: options ?? before.options,
      maintenance: input.maintenance ?? before.maintenance,
    };
    await tables
      .updateTable('storage_server')
      .set({
        name: after.name,
        options: JSON.stringify(after.options),
        maintenance: JSON.stringify(after.maintenance),
        ...(secrets === undefined ? {} : { secrets: sealStorageSecrets(context.sealer, id, secrets) }),
      })
      .where('id', '=', id)
      .execute();
    await writeAudit(context, tables, caller, {
      verb: 'storage-servers.update',
      object: `storage server ${before.name}`,
      details: `${describeChanges({ name: before.name, options: before.options, maintenance: before.maintenance }, after)}${secrets === undefined ? '' : '; the keys were replaced'}`,
    });
    return await readStorageServer(tables, id);
  });
  context.changes.publish({ noun: 'storage-server', id });
  return server;
}
