import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError, type RandomSource, toHex } from '@holdfast/kernel';
import type { RestoreEntry } from '../port.ts';
import { runTool } from '../run-tool.ts';
import { lastWords } from '../source-errors.ts';
import { createDatabaseSql, databaseDetailsSql, ownerSql } from './create-database.ts';
import type { DatabaseFacts } from './database-facts.ts';
import { fillDatabase } from './fill-database.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { readPostgresFailure } from './read-postgres-failure.ts';
import { identifier, literal, runSql } from './run-sql.ts';

export interface DatabaseRestore {
  readonly entry: RestoreEntry;
  readonly facts: DatabaseFacts;
  readonly format: 'custom' | 'plain';
  /** The name that it gets. */
  readonly target: string;
  readonly existing: 'refuse' | 'replace';
  /** Whether owners and rights are restored as well. */
  readonly owners: boolean;
  readonly maintenanceDatabase: string;
}

/**
 * Restores a dump into a database of another name, and gives that the right name when all of it is there: a failure leaves what was there before
 * as it was. Returns what people should know.
 */
export async function restoreDatabase(
  host: Host,
  connection: PostgresConnection,
  restore: DatabaseRestore,
  random: RandomSource,
  options: CallOptions,
): Promise<readonly string[]> {
  const { facts, target, owners } = restore;
  const what = `Restoring the database ${JSON.stringify(target)} on ${host.description}`;
  // One cannot rename the database that one is in.
  const database = target === restore.maintenanceDatabase ? 'template1' : restore.maintenanceDatabase;
  const sql = async (statements: string, call = options): Promise<string> =>
    await runSql(host, { connection, database, sql: statements, what }, call);
  const exists = (await sql(`SELECT 1 FROM pg_catalog.pg_database WHERE datname = ${literal(target)};\n`)).trim() === '1';
  if (exists && restore.existing === 'refuse') throw occupied(target, host);
  const fresh = `holdfast_restore_${toHex(random.bytes(8))}`;
  await sql(createDatabaseSql(fresh, facts));
  try {
    if (owners) await sql(ownerSql(fresh, facts));
    const dump = `The dump of the database ${JSON.stringify(facts.name)}`;
    const { entry, format } = restore;
    const filled = await fillDatabase(host, connection, { entry, format, owners, database: fresh, what, dump }, options);
    const notes = [...filled, ...(owners ? await applyDetails(host, connection, database, fresh, facts, options) : [])];
    if (!exists) {
      await sql(`ALTER DATABASE ${identifier(fresh)} RENAME TO ${identifier(target)};\n`);
      return notes;
    }
    return [...notes, ...(await swap(sql, fresh, target, random))];
  } catch (error) {
    // Without the caller's signal, which may be why it failed.
    await sql(`DROP DATABASE IF EXISTS ${identifier(fresh)};\n`, {}).catch(() => undefined);
    throw error;
  }
}

/** What the server does not take of it (a role that is not there, a setting of an extension) is a note and no failure. */
async function applyDetails(
  host: Host,
  connection: PostgresConnection,
  database: string,
  fresh: string,
  facts: DatabaseFacts,
  options: CallOptions,
): Promise<readonly string[]> {
  const statements = databaseDetailsSql(fresh, facts);
  if (statements.length === 0) return [];
  const command = connection.command('psql', ['--no-psqlrc', '--quiet', '--file=-'], database);
  const what = `Setting what belongs to the database ${JSON.stringify(facts.name)} itself`;
  const run = { command, program: 'psql', what, read: readPostgresFailure, stdin: statements.join('') };
  const { stderr } = await runTool(host, run, options);
  return stderr.trim() === ''
    ? []
    : [`Not all settings and rights of the database ${JSON.stringify(facts.name)} were taken: ${lastWords(stderr)}`];
}

/** Puts the new database in the place of the old one in one transaction, and removes the old one. */
async function swap(
  sql: (statements: string) => Promise<string>,
  fresh: string,
  target: string,
  random: RandomSource,
): Promise<readonly string[]> {
  const old = `holdfast_replaced_${toHex(random.bytes(8))}`;
  const allow = (name: string, yes: boolean): string => `ALTER DATABASE ${identifier(name)} WITH ALLOW_CONNECTIONS ${yes};\n`;
  const evict = `SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = ${literal(target)};\n`;
  const rename = (from: string, to: string): string => `ALTER DATABASE ${identifier(from)} RENAME TO ${identifier(to)};\n`;
  try {
    await sql(`${allow(target, false)}${evict}BEGIN;\n${rename(target, old)}${rename(fresh, target)}COMMIT;\n`);
  } catch (error) {
    await sql(allow(target, true)).catch(() => undefined);
    throw error;
  }
  try {
    await sql(`DROP DATABASE ${identifier(old)};\n`);
    return [];
  } catch {
    return [`The database that was replaced is still there under the name ${old}, because it could not be removed`];
  }
}

function occupied(target: string, host: Host): CodedError {
  return new CodedError({
    code: 'target-occupied',
    message: `There is a database ${JSON.stringify(target)} on ${host.description} already`,
    hint: 'Restore under another name, or ask for it to be replaced. Nothing was changed.',
    context: { database: target },
  });
}
