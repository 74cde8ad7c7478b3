import type { CallOptions, Host } from '@holdfast/connect/port';
import { runToEnd } from '@holdfast/connect/run';
import { CodedError } from '@holdfast/kernel';
import type { RestoreEntry } from '../port.ts';
import { runTool } from '../run-tool.ts';
import { programFailed } from '../source-errors.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { readPostgresFailure } from './read-postgres-failure.ts';
import { strictPsql } from './run-sql.ts';
import { verifyCustomArchive } from './verify-custom-archive.ts';
import { verifySqlDump } from './verify-sql-dump.ts';

export interface FillDatabase {
  readonly entry: RestoreEntry;
  readonly format: 'custom' | 'plain';
  /** An empty database. */
  readonly database: string;
  readonly owners: boolean;
  /** For messages: what is done, and with which dump. */
  readonly what: string;
  readonly dump: string;
}

/** Programs of version 17 and later set this to its default before all else, also where an older server does not know it. */
const unknownSetting = /unrecognized configuration parameter "transaction_timeout"/;
const settingLine = /^SET transaction_timeout = 0;\n/m;
const headBytes = 8192;
const note = 'The server is older than the programs and does not know transaction_timeout: that setting was left out';

/** Puts the content of a dump into an empty database. Returns what people should know; any failure leaves the database to be dropped. */
export async function fillDatabase(
  host: Host,
  connection: PostgresConnection,
  fill: FillDatabase,
  options: CallOptions,
): Promise<readonly string[]> {
  try {
    await fillStrictly(host, connection, fill, options);
    return [];
  } catch (error) {
    if (!CodedError.is(error) || !unknownSetting.test(error.message)) throw error;
  }
  // It was the first statement, so that the database is still empty.
  if (fill.format === 'plain') await runPsql(host, connection, fill, withoutSetting(sqlOf(fill, options)), options);
  else await fillButForSetting(host, connection, fill, options);
  return [note];
}

async function fillStrictly(host: Host, connection: PostgresConnection, fill: FillDatabase, options: CallOptions): Promise<void> {
  if (fill.format === 'plain') return await runPsql(host, connection, fill, sqlOf(fill, options), options);
  const command = connection.command('pg_restore', ['--exit-on-error', ...ownerParameters(fill)], fill.database);
  const stdin = verifyCustomArchive(fill.entry.open(options), fill.dump);
  const run = { what: fill.what, read: readPostgresFailure, otherwise: 'target-unwritable', program: 'pg_restore' } as const;
  await runTool(host, { ...run, command, stdin }, options);
}

/** Goes on after errors, and takes it for a success only if every one of them was about that setting. */
async function fillButForSetting(host: Host, connection: PostgresConnection, fill: FillDatabase, options: CallOptions): Promise<void> {
  const command = connection.command('pg_restore', ownerParameters(fill), fill.database);
  const stdin = verifyCustomArchive(fill.entry.open(options), fill.dump);
  const { exit, stderrTail: said } = await runToEnd(host, command, { ...options, stdin });
  const errors = Array.from(said.matchAll(/^pg_restore: error: .*$/gm), ([line]) => line);
  const ignored = Number(/errors ignored on restore: (\d+)/.exec(said)?.[1] ?? Number.NaN);
  const isFine =
    exit.kind === 'exited' && exit.code === 1 && errors.length === ignored && errors.every((line) => unknownSetting.test(line));
  if (isFine) return;
  const failed = { what: fill.what, program: 'pg_restore', place: host.description, exit, said, read: readPostgresFailure };
  throw programFailed({ ...failed, otherwise: 'target-unwritable' });
}

async function runPsql(
  host: Host,
  connection: PostgresConnection,
  fill: FillDatabase,
  stdin: AsyncIterable<Uint8Array>,
  options: CallOptions,
): Promise<void> {
  const command = connection.command('psql', [...strictPsql, '--single-transaction', '--output=/dev/null'], fill.database);
  const run = { what: fill.what, read: readPostgresFailure, otherwise: 'target-unwritable', program: 'psql' } as const;
  await runTool(host, { ...run, command, stdin }, options);
}

function sqlOf(fill: FillDatabase, options: CallOptions): AsyncGenerator<Uint8Array> {
  return verifySqlDump(fill.entry.open(options), fill.dump, 'database');
}

function ownerParameters({ owners }: FillDatabase): readonly string[] {
  return owners ? [] : ['--no-owner', '--no-privileges'];
}

/** The dump without the line, which is among its first. */
async function* withoutSetting(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const piece of bytes) {
    if (head === undefined) {
      yield piece;
      continue;
    }
    head = Buffer.concat([head, piece]);
    if (head.byteLength < headBytes) continue;
    yield* cutSetting(head);
    head = undefined;
  }
  if (head !== undefined) yield* cutSetting(head);
}

function cutSetting(head: Uint8Array): readonly Uint8Array[] {
  const found = settingLine.exec(Buffer.from(head.subarray(0, headBytes)).toString('latin1'));
  return found === null ? [head] : [head.subarray(0, found.index), head.subarray(found.index + found[0].length)];
}
