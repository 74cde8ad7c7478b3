import { z } from 'zod';
import { AccountName, AnyName, CertificatePem, FarPath, HostName, Port, SecretText, TlsMode } from '../option-types.ts';

/** The server takes names of at most 64 characters. */
const DatabaseName = AnyName.refine((name) => Array.from(name).length <= 64, 'A database has a name of at most 64 characters.');

export const MysqlOptions = z
  .strictObject({
    /** Host name or address as seen from the end of the chain, or the path of a unix socket. Without it the socket that the programs know. */
    host: z.union([FarPath, HostName]).optional(),
    port: Port.optional(),
    /** Without it the one that the programs choose. */
    user: AnyName.optional(),
    password: SecretText.optional(),
    /** Default: `off` on the host itself, else `verified`. */
    tls: TlsMode.optional(),
    /** The authority that `verified` trusts in place of those that the host knows. */
    tlsAuthority: CertificatePem.optional(),
    /** Account of the host to run the programs as. */
    runAs: AccountName.optional(),
    /** Folder of the programs on the host. */
    toolFolder: FarPath.optional(),
    /** The databases to take. `all` takes new ones by itself, and none of the server's own. */
    databases: z.union([z.literal('all'), z.array(DatabaseName).min(1).max(1000)]).default('all'),
    /** Left out of `all`. */
    excludeDatabases: z.array(DatabaseName).max(1000).default([]),
    /** How many databases are dumped side by side. */
    concurrency: z.int().min(1).max(16).default(2),
  })
  .refine((options) => options.databases === 'all' || options.excludeDatabases.length === 0, {
    message: 'Databases are left out of all, not of a list.',
    path: ['excludeDatabases'],
  });
export type MysqlOptions = z.output<typeof MysqlOptions>;
