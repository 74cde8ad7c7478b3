import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError, type RandomSource, toHex } from '@holdfast/kernel';
import type { RestoreEntry } from '../port.ts';
import { readToEnd } from '../read-to-end.ts';
import { runTool } from '../run-tool.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import type { MysqlDatabase } from './mysql-facts.ts';
import { readMysqlFailure } from './read-mysql-failure.ts';
import { verifyMysqlDump } from './verify-mysql-dump.ts';

export interface MysqlRestore {
  readonly entry: RestoreEntry;
  readonly database: MysqlDatabase;
  /** The name that it gets. */
  readonly target: string;
  readonly existing: 'refuse' | 'replace';
}

/**
 * Restores a dump. The server has no transaction around it and cannot rename a database, so the dump is read to its end first, and where it
 * replaces something it is restored into a database of another name before: the old one goes only after a restore has succeeded.
 */
export async function restoreMysqlDatabase(
  host: Host,
  connection: MysqlConnection,
  restore: MysqlRestore,
  random: RandomSource,
  options: CallOptions,
): Promise<void> {
  const { entry, database, target, existing } = restore;
  const whole = `The dump of the database ${JSON.stringify(database.name)}`;
  const what = `Restoring the database ${JSON.stringify(target)} on ${host.description}`;
  const run = { program: connection.tools.client, what, read: readMysqlFailure, otherwise: 'target-unwritable' } as const;
  const sql = async (statements: string, call = options): Promise<string> => {
    const command = connection.command('client', ['--batch', '--raw', '--skip-column-names', '--binary-mode']);
    return (await runTool(host, { ...run, command, stdin: statements }, call)).stdout;
  };
  const fill = async (name: string): Promise<void> => {
    const command = connection.command('client', restoreParameters(name));
    await runTool(host, { ...run, command, stdin: verifyMysqlDump(entry.open(options), whole) }, options);
  };
  const text = Buffer.from(target).toString('hex');
  const exists =
    (await sql(`SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = CONVERT(X'${text}' USING utf8mb4);\n`)).trim() === '1';
  if (exists && existing === 'refuse') throw occupied(target, host);
  await readToEnd(verifyMysqlDump(entry.open(options), whole));
  const create = (name: string): string =>
    `CREATE DATABASE ${identifier(name)} CHARACTER SET ${database.characterSet} COLLATE ${database.collation};\n`;
  const remove = (name: string): string => `DROP DATABASE IF EXISTS ${identifier(name)};\n`;
  if (!exists) {
    await sql(create(target));
    await undoing(
      () => fill(target),
      () => sql(remove(target), {}),
    );
    return;
  }
  const trial = `holdfast_restore_${toHex(random.bytes(8))}`;
  await sql(create(trial));
  await undoing(
    () => fill(trial),
    () => sql(remove(trial), {}),
  );
  try {
    await sql(`${remove(target)}${create(target)}`);
    await fill(target);
  } catch (error) {
    throw halfReplaced(target, trial, error);
  }
  await sql(remove(trial));
}

/** The parameters of the client that take a dump and nothing else: no commands of the client itself, an end at the first failure. */
export function restoreParameters(database: string): readonly string[] {
  return ['--batch', '--binary-mode', '--local-infile=0', '--max-allowed-packet=1G', `--database=${database}`];
}

/** A name in SQL, whatever is in it. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

async function undoing(work: () => Promise<void>, undo: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
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

function halfReplaced(target: string, trial: string, cause: unknown): CodedError {
  return new CodedError({
    code: 'restore-incomplete',
    message: `The database ${JSON.stringify(target)} was removed and could not be restored again: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: `All of the dump was restored before into the database ${trial}, which is still there.`,
    context: { database: target, trial },
    cause,
  });
}
