import type { Tables } from '../database/database.ts';
import type { Setting } from './setting.ts';

/** What it is set to. */
export async function getSetting<T>(tables: Tables, { key, schema, fallback }: Setting<T>): Promise<T> {
  const row = await tables.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
  return row === undefined ? fallback : schema.parse(JSON.parse(row.value));
}
