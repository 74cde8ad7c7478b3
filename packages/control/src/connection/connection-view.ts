import { type Connection, ConnectionOptions, SecretName } from '@holdfast/contract';
import { z } from 'zod';
import type { Tables } from '../database/database.ts';
import { notFound } from '../refusals.ts';

/** Connections as the API shows them, by name; all of them, or that one. Never with a secret. */
export async function readConnections(tables: Tables, id?: string): Promise<Connection[]> {
  let connections = tables.selectFrom('connection').select(['id', 'name', 'options', 'secret_names', 'created_ms']).orderBy('name');
  let uses = tables.selectFrom('backup_connection').selectAll().orderBy('backup_id');
  if (id !== undefined) {
    connections = connections.where('id', '=', id);
    uses = uses.where('connection_id', '=', id);
  }
  const [rows, used] = [await connections.execute(), await uses.execute()];
  const backupIds = Map.groupBy(used, ({ connection_id }) => connection_id);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    options: ConnectionOptions.parse(JSON.parse(row.options)),
    secrets: z.array(SecretName).parse(JSON.parse(row.secret_names)),
    createdMs: row.created_ms,
    backupIds: (backupIds.get(row.id) ?? []).map(({ backup_id }) => backup_id),
  }));
}

/** `not-found` if there is none. */
export async function readConnection(tables: Tables, id: string): Promise<Connection> {
  const [connection] = await readConnections(tables, id);
  if (connection === undefined) throw notFound('connection', id);
  return connection;
}
