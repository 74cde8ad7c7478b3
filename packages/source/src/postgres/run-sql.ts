import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { runTool } from '../run-tool.ts';
import { ServerFacts, serverFactsQuery } from './database-facts.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { readPostgresFailure } from './read-postgres-failure.ts';

export interface SqlRun {
  readonly connection: PostgresConnection;
  readonly database: string;
  /** Travels by standard input. Values in it are quoted by `literal` and `identifier`. */
  readonly sql: string;
  /** What it is for, for messages. */
  readonly what: string;
}

/** The parameters of psql that make an error an error: no start-up file, and an end at the first failure. */
export const strictPsql = ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-'] as const;

/** Runs SQL by psql and returns its rows, one a line, columns separated by `|`. */
export async function runSql(host: Host, run: SqlRun, options: CallOptions = {}): Promise<string> {
  const { connection, database, sql, what } = run;
  const command = connection.command('psql', [...strictPsql, '--no-align', '--tuples-only'], database);
  const { stdout } = await runTool(
    host,
    { command, program: 'psql', what, read: readPostgresFailure, stdin: sql, otherwise: 'source-unreachable' },
    options,
  );
  return stdout;
}

/** Asks the server what it is and has. */
export async function readServerFacts(
  host: Host,
  connection: PostgresConnection,
  database: string,
  options: CallOptions = {},
): Promise<ServerFacts> {
  const what = `Looking at the PostgreSQL server of ${host.description}`;
  const answer = await runSql(host, { connection, database, sql: serverFactsQuery, what }, options);
  const facts = ServerFacts.safeParse(parse(answer));
  if (facts.success) return facts.data;
  throw new CodedError({
    code: 'source-unreachable',
    message: `The PostgreSQL server of ${host.description} answered something that is not understood`,
    hint: 'Look whether that is PostgreSQL 12 or later, or something that only speaks like it.',
    cause: facts.error,
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A name in SQL, whatever is in it. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text in SQL, whatever is in it. */
export function literal(text: string): string {
  return text.includes('\\') ? `E'${text.replaceAll(/[\\']/g, (sign) => sign + sign)}'` : `'${text.replaceAll("'", "''")}'`;
}
