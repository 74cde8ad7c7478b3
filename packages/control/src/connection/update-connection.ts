import type { Connection, ConnectionOptions } from '@holdfast/contract';
import { describeChanges } from '../audit/describe-changes.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { Caller, ControlContext } from '../control-context.ts';
import { notFound } from '../refusals.ts';
import { changeSecrets, openSecrets, type SecretChanges, sealSecrets } from './connection-secrets.ts';
import { readConnection } from './connection-view.ts';
import { requireName } from './create-connection.ts';

export interface UpdateConnectionInput {
  readonly id: string;
  readonly name?: string | undefined;
  readonly options?: ConnectionOptions | undefined;
  readonly secrets: SecretChanges;
}

/** Changes what is given, for every backup that goes over it. `not-found`; `conflict` if the name is taken. */
export async function updateConnection(context: ControlContext, caller: Caller, input: UpdateConnectionInput): Promise<Connection> {
  const { id } = input;
  const connection = await context.database.transaction(async (tables) => {
    const before = await readConnection(tables, id);
    const sealed = await tables.selectFrom('connection').select(['id', 'secrets']).where('id', '=', id).executeTakeFirst();
    if (sealed === undefined) throw notFound('connection', id);
    const after = { name: input.name ?? before.name, options: input.options ?? before.options };
    await requireName(tables, after.name, id);
    const changed = Object.keys(input.secrets).sort();
    await tables
      .updateTable('connection')
      .set({
        name: after.name,
        options: JSON.stringify(after.options),
        ...(changed.length === 0 ? {} : sealSecrets(context, id, changeSecrets(openSecrets(context, sealed), input.secrets))),
      })
      .where('id', '=', id)
      .execute();
    const plain = describeChanges({ name: before.name, options: before.options }, after);
    await writeAudit(context, tables, caller, {
      verb: 'connections.update',
      object: `connection ${before.name}`,
      details: changed.length === 0 ? plain : `${plain}; secrets: ${changed.join(', ')}`,
    });
    return await readConnection(tables, id);
  });
  context.changes.publish({ noun: 'connection', id });
  return connection;
}
