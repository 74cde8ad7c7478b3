import { z } from 'zod';
import { AccountName, AnyName, CertificatePem, FarPath, HostName, Port, SecretText, TlsMode } from '../option-types.ts';
import type { PushOptions } from '../port.ts';

/** PostgreSQL cuts longer names. */
const DatabaseName = AnyName.refine((name) => Buffer.byteLength(name) <= 63, 'A database has a name of at most 63 bytes.');

export const PostgresOptions = z
  .strictObject({
    /** Host name or address as seen from the end of the chain, or the folder of a unix socket. Without it the socket that the programs know. */
    host: z.union([FarPath, HostName]).optional(),
    port: Port.optional(),
    /** Role to sign in as. Without it the one that the programs choose: that of the account. */
    user: AnyName.optional(),
    password: SecretText.optional(),
    /** Default: `off` on the host itself, else `verified`. */
    tls: TlsMode.optional(),
    /** The authority that `verified` trusts in place of those that the host knows. */
    tlsAuthority: CertificatePem.optional(),
    /** Account of the host to run the programs as: `postgres`, where peers are trusted. */
    runAs: AccountName.optional(),
    /** Folder of the programs on the host: `/usr/lib/postgresql/16/bin`. */
    toolFolder: FarPath.optional(),
    /** The databases to take. `all` takes new ones by itself, and no templates. */
    databases: z.union([z.literal('all'), z.array(DatabaseName).min(1).max(1000)]).default('all'),
    /** Left out of `all`. */
    excludeDatabases: z.array(DatabaseName).max(1000).default([]),
    /** Roles, their passwords as far as the role may read them, and tablespaces. */
    roles: z.boolean().default(true),
    /** `custom` is restored without psql and can be restored in part; `plain` is SQL for people and other programs. */
    format: z.enum(['custom', 'plain']).default('custom'),
    /** The database to look around from. */
    maintenanceDatabase: AnyName.regex(/^(?!postgres(?:ql)?:\/\/)[^=]+$/, 'Give the name of a database.').default('postgres'),
    /** How many databases are dumped side by side. */
    concurrency: z.int().min(1).max(16).default(2),
    /** A dump gives up when it has to wait longer than that for a lock on a table. */
    lockTimeoutSeconds: z.int().min(1).max(86_400).default(60),
  })
  .refine((options) => options.databases === 'all' || options.excludeDatabases.length === 0, {
    message: 'Databases are left out of all, not of a list.',
    path: ['excludeDatabases'],
  });
export type PostgresOptions = z.output<typeof PostgresOptions>;

export interface PostgresPushOptions extends PushOptions {
  /** Makes the roles of the dump first, with their passwords. Default false: they are taken to be there. */
  readonly roles?: boolean;
  /** Restores owners and rights. Default true; false gives everything to the role that restores. Not for dumps in SQL. */
  readonly owners?: boolean;
}
