import type { Kysely } from 'kysely';

/** What belongs to the options of a storage server and is shown to nobody: sealed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('storage_server').addColumn('secrets', 'text').execute();
}
