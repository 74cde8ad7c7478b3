import type { Connection, ConnectionOptions, ConnectionSecrets } from '@holdfast/contract';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import type { Tables } from '../database/database.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { nameTaken } from '../refusals.ts';
import { sealSecrets } from './connection-secrets.ts';
import { readConnection } from './connection-view.ts';

export interface CreateConnectionInput {
  readonly name: string;
  readonly options: ConnectionOptions;
  readonly secrets: ConnectionSecrets;
}

/** Keeps a connection, its secrets sealed. Whether it works is not asked. `conflict` if the name is taken. */
export async function createConnection(
  context: ControlContext,
  caller: Caller,
  { name, options, secrets }: CreateConnectionInput,
): Promise<Connection> {
  const id = newId(context);
  const connection = await context.database.transaction(async (tables) => {
    await requireName(tables, name, id);
    await tables
      .insertInto('connection')
      .values({
        id,
        name,
        options: JSON.stringify(options),
        ...sealSecrets(context, id, secrets),
        created_ms: nowMs(context.clock),
      })
      .execute();
    await writeAudit(context, tables, caller, {
      verb: 'connections.create',
      object: `connection ${name}`,
      details: JSON.stringify(options),
    });
    return await readConnection(tables, id);
  });
  context.changes.publish({ noun: 'connection', id });
  return connection;
}

/** `conflict` if another connection has the name. */
export async function requireName(tables: Tables, name: string, id: string): Promise<void> {
  const namesake = await tables.selectFrom('connection').select('id').where('name', '=', name).executeTakeFirst();
  if (namesake !== undefined && namesake.id !== id) throw nameTaken('connection', name, 'name');
}
