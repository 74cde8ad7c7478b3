import { chmodSync, closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, CodedError, systemClock } from '@holdfast/kernel';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { Database } from './database.ts';
import { ReadMemory } from './read-memory.ts';
import type { Schema } from './schema.ts';
import { SqliteDriver } from './sqlite-driver.ts';
import { sqliteError } from './sqlite-error.ts';
import { VersionCache } from './version-cache.ts';

/** Older ones can damage a database in WAL mode when a checkpoint meets a writer (sqlite.org/wal.html, "the WAL-reset bug"). */
const oldestVersion = '3.51.3';
const openingTimeoutMs = 10_000;
/** From then on not more, because it stops the whole process; the driver waits longer. */
const busyTimeoutMs = 20;

/**
 * What makes a commit last, with the value that SQLite must answer. It ignores a pragma that it does not like, so each is read back. No
 * mmap: an error of the disk would be a signal that ends the process, and a stray write of it would reach the file.
 */
const pragmas: readonly (readonly [name: string, set: string, answer: string | number])[] = [
  ['journal_mode', 'WAL', 'wal'],
  ['synchronous', 'FULL', 2],
  ['foreign_keys', 'ON', 1],
  ['mmap_size', '0', 0],
  ['fullfsync', 'ON', 1],
  ['checkpoint_fullfsync', 'ON', 1],
  ['trusted_schema', 'OFF', 0],
  ['cell_size_check', 'ON', 1],
  ['cache_size', '-16000', -16000],
  ['temp_store', 'MEMORY', 2],
  ['journal_size_limit', '67108864', 67_108_864],
];

/**
 * Opens the SQLite database at that path, or makes an empty one that only its owner can read. One connection does all the work, one
 * transaction after the other. `database-unusable` with the reason, `database-busy` if another process holds it. Call `migrate` next.
 */
export async function openSqlite(path: string, clock: Clock = systemClock): Promise<Database> {
  const database = openFile(path);
  const driver = new SqliteDriver(database, clock);
  const tables = new Kysely<Schema>({
    dialect: {
      createDriver: () => driver,
      createQueryCompiler: () => new SqliteQueryCompiler(),
      createAdapter: () => new QueuedSqliteAdapter(),
      createIntrospector: (db) => new SqliteIntrospector(db),
    },
  });
  return {
    kind: 'sqlite',
    tables,
    versions: new VersionCache(),
    reads: new ReadMemory(async () => await driver.mark()),
    transaction: async (work) => await tables.transaction().execute(async (transaction) => await driver.hold(() => work(transaction))),
    [Symbol.asyncDispose]: async () => await tables.destroy(),
  };
}

/** `database-unusable` for an SQLite that can lose what it committed. */
export function requireSqliteVersion(version: string): void {
  const numbers = (text: string): number[] => text.split('.').map(Number);
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = numbers(oldestVersion);
  const isNew = major > wantedMajor || (major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch)));
  if (isNew) return;
  throw new CodedError({
    code: 'database-unusable',
    message: `This program came with SQLite ${version}, which can damage a database; ${oldestVersion} is the oldest that does not`,
    hint: 'Run Holdfast with the Node.js that it brings along.',
  });
}

/** Kysely would wait in a queue of its own, where the driver cannot see who waits for himself. */
class QueuedSqliteAdapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true;
  }
}

function openFile(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    // SQLite gives its log and its shared memory the mode of the database.
    closeSync(openSync(path, 'a', 0o600));
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    database = new DatabaseSync(path, { timeout: openingTimeoutMs, enableForeignKeyConstraints: true });
    requireSqliteVersion(String(database.prepare('select sqlite_version() as version').get()?.['version']));
    for (const [name, set, answer] of pragmas) {
      database.exec(`PRAGMA ${name} = ${set}`);
      const now = Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
      if (now === answer) continue;
      throw new CodedError({
        code: 'database-unusable',
        message: `The database ${path} has ${name} ${String(now)} and not ${answer}, so that a power cut could lose what it holds`,
        hint: 'Put the data directory on a local disk.',
      });
    }
    // Statistics choose the right index; what changed little since costs nothing.
    database.exec(`PRAGMA analysis_limit = 1000; PRAGMA optimize = 0x10002; PRAGMA busy_timeout = ${busyTimeoutMs}`);
    return database;
  } catch (error) {
    database?.close();
    throw fileError(sqliteError(error, path), path);
  }
}

function fileError(error: unknown, path: string): unknown {
  if (CodedError.is(error) || !(error instanceof Error) || !('syscall' in error)) return error;
  return new CodedError({
    code: 'database-unusable',
    message: `The database ${path} cannot be opened: ${error.message}`,
    hint: 'Look at the data directory, its owner and its disk.',
    cause: error,
  });
}
