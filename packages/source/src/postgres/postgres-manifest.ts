import { z } from 'zod';
import { DatabaseFacts, type ServerFacts } from './database-facts.ts';

/** Where the entries of a pull lie. */
export const rolesPath = 'roles.sql';
export const databaseFolder = 'databases/';

export const PostgresManifest = z.object({
  holdfast: z.literal('postgres-1'),
  server: z.string(),
  serverVersionNumber: z.int(),
  program: z.string(),
  format: z.enum(['custom', 'plain']),
  /** Each database is as of one instant of its own. */
  consistency: z.literal('snapshot-per-database'),
  databases: z.array(DatabaseFacts),
});
export type PostgresManifest = z.output<typeof PostgresManifest>;

export function postgresManifest(
  facts: ServerFacts,
  program: string,
  format: 'custom' | 'plain',
  taken: readonly string[],
): PostgresManifest {
  return {
    holdfast: 'postgres-1',
    server: facts.version,
    serverVersionNumber: facts.versionNumber,
    program,
    format,
    consistency: 'snapshot-per-database',
    // Parsed again so that only what a restore needs is kept: no sizes, which change all the time.
    databases: facts.databases.filter(({ name }) => taken.includes(name)).map((database) => DatabaseFacts.parse(database)),
  };
}

/** The end of the names of dumps. */
export function dumpExtension(format: 'custom' | 'plain'): string {
  return format === 'custom' ? 'dump' : 'sql';
}
