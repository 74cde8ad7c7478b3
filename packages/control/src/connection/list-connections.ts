import type { Connection } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { readConnection, readConnections } from './connection-view.ts';

/** All connections, by name. */
export async function listConnections({ database }: ControlContext, _caller: Caller): Promise<Connection[]> {
  return await readConnections(database.tables);
}

/** `not-found` if there is none. */
export async function getConnection({ database }: ControlContext, _caller: Caller, { id }: { readonly id: string }): Promise<Connection> {
  return await readConnection(database.tables, id);
}
