import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { toolPath } from '../option-types.ts';
import { toolVersion } from '../run-tool.ts';
import type { MysqlOptions } from './mysql-options.ts';

/** Whose programs, and how they are called. */
export interface MysqlTools {
  readonly vendor: 'mariadb' | 'mysql';
  readonly dump: 'mariadb-dump' | 'mysqldump';
  readonly client: 'mariadb' | 'mysql';
  /** What the dump program says of itself. */
  readonly version: string;
}

/** MariaDB's names first: where both are there, `mysqldump` is a name for the same. */
const candidates = [
  { dump: 'mariadb-dump', client: 'mariadb' },
  { dump: 'mysqldump', client: 'mysql' },
] as const;

/** Finds which programs the host has; `tool-missing` where it has none. */
export async function findMysqlTools(host: Host, options: MysqlOptions, call: CallOptions = {}): Promise<MysqlTools> {
  let missing: unknown;
  for (const { dump, client } of candidates) {
    try {
      const command = { argv: [toolPath(options.toolFolder, dump), '--version'], user: options.runAs };
      const version = await toolVersion(host, command, dump, call);
      return { dump, client, version, vendor: /mariadb/i.test(version) ? 'mariadb' : 'mysql' };
    } catch (error) {
      if (!CodedError.is(error, 'tool-missing')) throw error;
      missing ??= error;
    }
  }
  throw missing;
}

/** Major and minor, as in `Ver 10.19 Distrib 10.11.6-MariaDB`, `from 11.4.2-MariaDB, client 10.19`, `Ver 8.0.36 for Linux`. */
export function mysqlVersion(text: string): readonly [number, number] | undefined {
  const found = /(?:Distrib|from) (\d+)\.(\d+)/.exec(text) ?? /(\d+)\.(\d+)\.\d+/.exec(text);
  return found === null ? undefined : [Number(found[1]), Number(found[2])];
}
