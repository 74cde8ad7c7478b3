import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';
import { runTool } from '../run-tool.ts';
import type { MysqlConnection } from './mysql-connection.ts';
import { readMysqlFailure } from './read-mysql-failure.ts';

export const MysqlDatabase = z.object({
  name: z.string(),
  /** Keywords of SQL. */
  characterSet: z.string().regex(/^\w+$/),
  collation: z.string().regex(/^\w+$/),
  /** Tables that a transaction does not hold still: a dump has them as they were when it came to them. */
  unsteadyTables: z.int(),
});
export type MysqlDatabase = z.output<typeof MysqlDatabase>;

export interface MysqlFacts {
  readonly version: string;
  readonly vendor: 'mariadb' | 'mysql';
  readonly account: string;
  readonly databases: readonly (MysqlDatabase & { readonly sizeBytes: number | undefined })[];
}

/** The server's own, which a restore must not replace. */
const ownDatabases = new Set(['information_schema', 'performance_schema', 'mysql', 'sys']);
const steadyEngines = ["'InnoDB'", "'SEQUENCE'"].join(', ');

/** Each row begins with its kind. Names are in hexadecimal, so that a tab or a newline in one is no separator. */
const query = `SELECT 'server', HEX(VERSION()), HEX(CURRENT_USER());
SELECT 'database', HEX(SCHEMA_NAME), DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME;
SELECT 'tables', HEX(TABLE_SCHEMA), COALESCE(SUM(DATA_LENGTH + INDEX_LENGTH), 0),
  COALESCE(SUM(TABLE_TYPE = 'BASE TABLE' AND COALESCE(ENGINE, '') NOT IN (${steadyEngines})), 0)
  FROM information_schema.TABLES GROUP BY TABLE_SCHEMA;
`;

/** Asks the server what it is and has. */
export async function readMysqlFacts(host: Host, connection: MysqlConnection, call: CallOptions = {}): Promise<MysqlFacts> {
  const { client } = connection.tools;
  const what = `Looking at the MySQL server of ${host.description}`;
  const command = connection.command('client', ['--batch', '--raw', '--skip-column-names']);
  const run = { command, program: client, what, read: readMysqlFailure, stdin: query, otherwise: 'source-unreachable' } as const;
  const { stdout } = await runTool(host, run, call);
  const rows = stdout.split('\n').map((line) => line.split('\t'));
  const server = rows.find(([kind]) => kind === 'server');
  if (server === undefined) throw notUnderstood(host);
  const version = fromHexText(server[1]);
  const tables = new Map(rows.filter(([kind]) => kind === 'tables').map(([, name = '', bytes, unsteady]) => [name, { bytes, unsteady }]));
  const databases = rows.flatMap(([kind, name = '', characterSet, collation]) => {
    if (kind !== 'database' || ownDatabases.has(fromHexText(name).toLowerCase())) return [];
    const held = tables.get(name);
    const database = { name: fromHexText(name), characterSet, collation, unsteadyTables: Number(held?.unsteady ?? '0') };
    const parsed = MysqlDatabase.safeParse(database);
    if (!parsed.success) throw notUnderstood(host, parsed.error);
    return [{ ...parsed.data, sizeBytes: held?.bytes === undefined ? undefined : Number(held.bytes) }];
  });
  return { version, vendor: /mariadb/i.test(version) ? 'mariadb' : 'mysql', account: fromHexText(server[2]), databases };
}

function fromHexText(hex: string | undefined): string {
  return Buffer.from(hex ?? '', 'hex').toString();
}

function notUnderstood(host: Host, cause?: unknown): CodedError {
  return new CodedError({
    code: 'source-unreachable',
    message: `The MySQL server of ${host.description} answered something that is not understood`,
    hint: 'Look whether that is MySQL or MariaDB, or something that only speaks like it.',
    cause,
  });
}
