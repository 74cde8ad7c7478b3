import { z } from 'zod';
import { MysqlDatabase, type MysqlFacts } from './mysql-facts.ts';

/** Where the dumps lie, and how their names end. */
export const databaseFolder = 'databases/';
export const dumpExtension = 'sql';

export const MysqlManifest = z.object({
  holdfast: z.literal('mysql-1'),
  server: z.string(),
  program: z.string(),
  /** Each database is as of one instant of its own, as far as its tables take part in transactions. */
  consistency: z.literal('snapshot-per-database'),
  databases: z.array(MysqlDatabase),
});
export type MysqlManifest = z.output<typeof MysqlManifest>;

export function mysqlManifest(facts: MysqlFacts, program: string, taken: readonly string[]): MysqlManifest {
  return {
    holdfast: 'mysql-1',
    server: facts.version,
    program,
    consistency: 'snapshot-per-database',
    // Parsed again so that only what a restore needs is kept: no sizes, which change all the time.
    databases: facts.databases.filter(({ name }) => taken.includes(name)).map((database) => MysqlDatabase.parse(database)),
  };
}
