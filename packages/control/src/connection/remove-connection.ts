import { CodedError } from '@holdfast/kernel';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { readConnection } from './connection-view.ts';

/** Forgets a connection. `in-use` while the chain of a backup goes over it; `not-found`. */
export async function removeConnection(
  context: ControlContext,
  caller: Caller,
  { id }: { readonly id: string },
): Promise<Record<string, never>> {
  await context.database.transaction(async (tables) => {
    const { name } = await readConnection(tables, id);
    const users = await tables
      .selectFrom('backup_connection')
      .innerJoin('backup', 'backup.id', 'backup_connection.backup_id')
      .select('backup.name')
      .where('connection_id', '=', id)
      .orderBy('backup.name')
      .execute();
    if (users.length > 0) {
      throw new CodedError({
        code: 'in-use',
        message: `The connection ${name} cannot be removed: the backups ${users.map((user) => user.name).join(', ')} go over it`,
        hint: 'Take it out of their chains first.',
      });
    }
    await tables.deleteFrom('connection').where('id', '=', id).execute();
    await writeAudit(context, tables, caller, { verb: 'connections.remove', object: `connection ${name}`, details: 'it was not in use' });
  });
  context.changes.publish({ noun: 'connection', id });
  return {};
}
