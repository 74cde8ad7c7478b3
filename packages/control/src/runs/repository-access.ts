import { type RepositoryAccess, StorageOptions } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { ControlContext } from '../control-context.ts';
import { openStorageSecrets } from '../storage-server/storage-secrets.ts';

/**
 * All that is needed to open the repository of a storage server, its secrets included. `not-found` if there is no such server,
 * `secret-unreadable` if they do not open.
 */
export async function repositoryAccess(context: ControlContext, storageServerId: string): Promise<RepositoryAccess> {
  const row = await context.database.tables
    .selectFrom('storage_server')
    .select(['id', 'name', 'options', 'secrets', 'password', 'repository_id'])
    .where('id', '=', storageServerId)
    .executeTakeFirst();
  if (row === undefined) {
    throw new CodedError({
      code: 'not-found',
      message: `There is no storage server ${storageServerId}`,
      hint: 'It was removed. Choose another one in the backup.',
    });
  }
  const secrets = openStorageSecrets(context.sealer, row.id, row.secrets);
  return {
    storageServerId: row.id,
    name: row.name,
    storage: StorageOptions.parse(JSON.parse(row.options)),
    ...(secrets === undefined ? {} : { secrets }),
    password: context.sealer.open(row.password, { table: 'storage_server', id: row.id, column: 'password' }).reveal(),
    repositoryId: row.repository_id,
  };
}
