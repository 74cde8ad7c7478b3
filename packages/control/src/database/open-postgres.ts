import { type Clock, CodedError, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { CompiledQuery, Kysely, PostgresDialect } from 'kysely';
import type { Database } from './database.ts';
import { postgresConflict } from './postgres-error.ts';
import { PostgresPool } from './postgres-pool.ts';
import { ReadMemory } from './read-memory.ts';
import type { Schema } from './schema.ts';
import { VersionCache } from './version-cache.ts';

const mostAttempts = 40;
const longestPauseMs = 500;
const oldestServer = 130_000;

export interface PostgresOptions {
  /** Default 10. */
  readonly mostConnections?: number;
  /** For the pauses before a transaction is tried again. */
  readonly clock?: Clock;
  readonly random?: RandomSource;
}

/**
 * Opens the PostgreSQL database of that URL. Transactions are serializable, and tried again where two met. `database-busy` if the server does
 * not answer, `database-unusable` if it refuses or is older than version 13; neither tells the password. Call `migrate` next.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Database> {
  const { clock = systemClock, random = systemRandom, mostConnections = 10 } = options;
  const pool = new PostgresPool(url, mostConnections);
  const tables = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => {
        // A commit that is not on disk may be lost; a transaction that hangs holds others up.
        await connection.executeQuery(
          CompiledQuery.raw(
            `select set_config('idle_in_transaction_session_timeout', '60s', false),
              case current_setting('synchronous_commit') when 'off' then set_config('synchronous_commit', 'on', false) end`,
          ),
        );
      },
    }),
  });
  const database: Database = {
    kind: 'postgres',
    tables,
    versions: new VersionCache(),
    reads: new ReadMemory(async () => await visible(tables)),
    transaction: async (work) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await tables.transaction().setIsolationLevel('serializable').execute(work);
        } catch (error) {
          const conflict = postgresConflict(error);
          if (conflict === undefined || (conflict === 'violation' && attempt > 2)) throw error;
          if (attempt === mostAttempts) throw busyError(error);
          await clock.sleep(random.below(Math.min(longestPauseMs, 4 * 2 ** attempt)) + 1);
        }
      }
    },
    [Symbol.asyncDispose]: async () => await tables.destroy(),
  };
  try {
    await requireServer(tables, pool.server);
  } catch (error) {
    await tables.destroy();
    throw error;
  }
  return database;
}

/**
 * Which transactions a query would see as done: two that see the same ones read the same, as what is done never changes, and numbers of
 * transactions only grow. What is still open is seen by no query but its own, and when it is committed the mark is another. After a crash or
 * where another server takes over, numbers may come again: the start of the server tells it.
 */
async function visible(tables: Kysely<Schema>): Promise<string> {
  const { rows } = await tables.executeQuery<{ mark: string }>(
    CompiledQuery.raw(`select pg_current_snapshot()::text || ' ' || extract(epoch from pg_postmaster_start_time())::text as mark`),
  );
  return String(rows[0]?.mark);
}

async function requireServer(tables: Kysely<Schema>, server: string): Promise<void> {
  const { rows } = await tables.executeQuery<{ version: string }>(
    CompiledQuery.raw(`select current_setting('server_version_num') as version`),
  );
  const version = Number(rows[0]?.version);
  if (version >= oldestServer) return;
  throw new CodedError({
    code: 'database-unusable',
    message: `The PostgreSQL database ${server} has version ${Math.floor(version / 10_000)}`,
    hint: `Use version ${oldestServer / 10_000} or later.`,
  });
}

function busyError(cause: unknown): CodedError {
  return new CodedError({
    code: 'database-busy',
    message: `A transaction met others ${mostAttempts} times`,
    hint: 'Try again.',
    retry: 'temporary',
    cause,
  });
}
