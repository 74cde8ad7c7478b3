import { CodedError } from '@holdfast/kernel';
import type { PostgresPool as KyselyPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import { postgresError } from './postgres-error.ts';

const connectTimeoutMs = 10_000;
/** OIDs of int8, and of numeric, which is what sums of int8 are. */
const wholeNumbers: readonly number[] = [20, 1700];

/** Connections to PostgreSQL whose numbers are numbers and whose errors are coded ones. */
export class PostgresPool implements KyselyPool {
  /** Host, port and database, for messages. */
  readonly server: string;
  readonly #pool: pg.Pool;
  readonly #clients = new WeakMap<pg.PoolClient, CodedClient>();

  constructor(url: string, mostConnections: number) {
    this.server = serverOf(url);
    this.#pool = new pg.Pool({
      connectionString: url,
      max: mostConnections,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      application_name: 'holdfast',
      types: { getTypeParser: (oid, format) => (wholeNumbers.includes(oid) ? toNumber : pg.types.getTypeParser(oid, format)) },
    });
    // A connection that breaks while nobody uses it leaves the pool; whoever needs one next opens a new one and sees what is wrong.
    this.#pool.on('error', () => undefined);
  }

  get options(): object {
    return this.#pool.options;
  }

  async connect(): Promise<PostgresPoolClient> {
    let client: pg.PoolClient;
    try {
      client = await this.#pool.connect();
    } catch (error) {
      throw postgresError(error, this.server);
    }
    const known = this.#clients.get(client) ?? new CodedClient(client, this.server);
    this.#clients.set(client, known);
    return known;
  }

  async end(): Promise<void> {
    await this.#pool.end();
  }
}

class CodedClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient;
  readonly #server: string;

  constructor(client: pg.PoolClient, server: string) {
    this.#client = client;
    this.#server = server;
  }

  query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query<R>(cursor: never): R;
  async query(sql: string, parameters: readonly unknown[] = []): Promise<unknown> {
    try {
      return await this.#client.query(sql, [...parameters]);
    } catch (error) {
      throw postgresError(error, this.#server);
    }
  }

  release(discard?: boolean): void {
    this.#client.release(discard);
  }
}

function serverOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    if (protocol === 'postgres:' || protocol === 'postgresql:') return `${host}${pathname}`;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new CodedError({
    code: 'invalid-argument',
    message: 'HOLDFAST_DATABASE_URL is no address of a PostgreSQL database',
    hint: 'Write postgres://user:password@host:5432/database.',
  });
}

function toNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) || !Number.isInteger(value)) return value;
  throw new CodedError({ code: 'internal', message: `The database holds ${text}, which is more than this program can count` });
}
