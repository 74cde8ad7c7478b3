import type { StoredSnapshot } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';
import { notFound } from '../refusals.ts';
import { toStoredSnapshot } from './snapshot-view.ts';

/** A snapshot by Holdfast's id of it. `not-found`. */
export async function getSnapshot({ database }: ControlContext, _caller: Caller, { id }: { readonly id: string }): Promise<StoredSnapshot> {
  const row = await database.tables.selectFrom('snapshot').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('snapshot', id);
  return toStoredSnapshot(row);
}
