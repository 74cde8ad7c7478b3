import { type RandomSource, systemRandom, toHex } from '@holdfast/kernel';
import pg from 'pg';
import { findPostgres, startPostgres } from '../services/postgres-server.ts';

/** A PostgreSQL database that nobody used before. It is dropped when it is disposed of. */
export interface FreshPostgres extends AsyncDisposable {
  readonly url: string;
}

/** Why there is no PostgreSQL for tests, or undefined where there is. Under CI it must not be missing. */
export function whyNoPostgres(): string | undefined {
  if (namedServer() !== undefined || findPostgres() !== undefined) return undefined;
  const reason = 'needs a PostgreSQL server: see test/services/install.ts';
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}

/**
 * Makes databases on the server that `HOLDFAST_POSTGRES_URL` names (`npm test` starts one for all test files), or on one that is started for
 * this process with the first of them and ends with the process.
 */
export class PostgresServer {
  readonly #random: RandomSource;
  #url: Promise<string> | undefined;

  constructor(random: RandomSource = systemRandom) {
    this.#random = random;
  }

  async createDatabase(): Promise<FreshPostgres> {
    this.#url ??= named();
    const admin = await this.#url;
    const name = `holdfast_test_${toHex(this.#random.bytes(8))}`;
    await execute(admin, `create database ${name}`);
    const url = new URL(admin);
    url.pathname = `/${name}`;
    return { url: url.href, [Symbol.asyncDispose]: async () => await execute(admin, `drop database ${name} with (force)`) };
  }
}

async function named(): Promise<string> {
  return namedServer() ?? (await startPostgres()).url;
}

function namedServer(): string | undefined {
  const url = process.env['HOLDFAST_POSTGRES_URL'];
  return url === '' ? undefined : url;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
