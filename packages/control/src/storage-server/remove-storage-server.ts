import { storagePlace } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { readStorageServer } from './storage-server-view.ts';

/**
 * Forgets a storage server and what is known of its snapshots; what is stored there stays. `in-use` while a backup writes to it or a run uses
 * it: a destination never goes quietly.
 */
export async function removeStorageServer(
  context: ControlContext,
  caller: Caller,
  { id }: { readonly id: string },
): Promise<Record<string, never>> {
  await context.database.transaction(async (tables) => {
    const server = await readStorageServer(tables, id);
    const users = await tables
      .selectFrom('backup_destination')
      .innerJoin('backup', 'backup.id', 'backup_destination.backup_id')
      .select('backup.name')
      .where('storage_server_id', '=', id)
      .orderBy('backup.name')
      .execute();
    if (users.length > 0)
      throw inUse(server.name, `the backups ${users.map(({ name }) => name).join(', ')} write to it`, 'Take it out of them first.');
    const busy = await tables
      .selectFrom('run')
      .select('kind')
      .where('storage_server_id', '=', id)
      .where('state', '!=', 'ended')
      .executeTakeFirst();
    if (busy !== undefined) throw inUse(server.name, `a run (${busy.kind}) needs it`, 'Wait for it to end, or cancel it.');
    await tables.deleteFrom('storage_server').where('id', '=', id).execute();
    await writeAudit(context, tables, caller, {
      verb: 'storage-servers.remove',
      object: `storage server ${server.name}`,
      details: `repository ${server.repositoryId} at ${storagePlace(server.options)} stays`,
    });
  });
  context.changes.publish({ noun: 'storage-server', id });
  return {};
}

function inUse(name: string, why: string, hint: string): CodedError {
  return new CodedError({ code: 'in-use', message: `The storage server ${name} cannot be removed: ${why}`, hint });
}
