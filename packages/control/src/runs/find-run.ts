import { CodedError } from '@holdfast/kernel';
import type { Tables } from '../database/database.ts';
import type { RunRow } from './run-row.ts';

/** `not-found` if there is no run of that id. */
export async function findRun(tables: Tables, id: string): Promise<RunRow> {
  const row = await tables.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirst();
  if (row !== undefined) return row;
  throw new CodedError({ code: 'not-found', message: `There is no run ${id}`, hint: 'Look at the list of runs.' });
}
