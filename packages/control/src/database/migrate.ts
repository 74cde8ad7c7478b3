import { CodedError } from '@holdfast/kernel';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from './database.ts';
import type { Migration } from './migration.ts';
import { allMigrations } from './migrations/all-migrations.ts';
import type { Schema } from './schema.ts';

/** Any number, the same in every Holdfast. */
const postgresLock = 4_857_302_119;

interface MigrationTables {
  migration: { name: string; applied_ms: number };
}

/**
 * Brings the database to the shape that this program knows, in one transaction: cut off anywhere, it is as it was before. Two that migrate
 * at once wait for each other. Returns the names of what was done, none when all was done before. `database-newer` if it has steps that
 * this program does not know; then nothing is changed.
 */
export async function migrate(
  database: Database,
  nowMs: number,
  migrations: readonly Migration[] = allMigrations,
): Promise<readonly string[]> {
  return await inTransaction(database, async (transaction) => {
    const tables = transaction as unknown as Kysely<MigrationTables>;
    await tables.schema
      .createTable('migration')
      .ifNotExists()
      .addColumn('name', 'text', (column) => column.primaryKey())
      .addColumn('applied_ms', 'bigint', (column) => column.notNull())
      .execute();
    const done = await tables.selectFrom('migration').select('name').orderBy('name').execute();
    const due = migrations.slice(done.length);
    for (const [index, { name }] of done.entries()) if (migrations[index]?.name !== name) throw newerError(name);
    for (const { name, up } of due) {
      await up(tables as unknown as Kysely<unknown>, database.kind);
      await tables.insertInto('migration').values({ name, applied_ms: nowMs }).execute();
    }
    return due.map(({ name }) => name);
  });
}

/** On PostgreSQL the lock comes first, and what others did meanwhile must be seen after it: not so in a serializable transaction. */
async function inTransaction<T>(database: Database, work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
  if (database.kind === 'sqlite') return await database.transaction(work);
  return await database.tables
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(postgresLock)})`.execute(transaction);
      return await work(transaction);
    });
}

function newerError(name: string): CodedError {
  return new CodedError({
    code: 'database-newer',
    message: `The database has been through the migration ${name}, which this version of Holdfast does not know`,
    hint: 'Start the newer version again. Nothing was changed.',
  });
}
