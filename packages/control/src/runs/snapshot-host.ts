import { hostname } from 'node:os';
import type { Database } from '../database/database.ts';

const key = 'snapshot-host';

/** The host name that snapshots carry: this machine's when it was first asked for, and the same from then on, wherever Holdfast moves to. */
export async function snapshotHost({ tables }: Database): Promise<string> {
  await tables
    .insertInto('setting')
    .values({ key, value: JSON.stringify(hostname()) })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
  const { value } = await tables.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirstOrThrow();
  return String(JSON.parse(value));
}
