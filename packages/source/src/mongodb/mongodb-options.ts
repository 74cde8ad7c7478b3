import { z } from 'zod';
import { AccountName, AnyName, CertificatePem, FarPath, HostName, Port, SecretText, TlsMode } from '../option-types.ts';

/** MongoDB's own rule for names of databases. */
const DatabaseName = AnyName.regex(/^[^/\\. "$*<>:|?]{1,63}$/, 'MongoDB allows no such name of a database.');

export const MongodbOptions = z
  .strictObject({
    /** Host name or address as seen from the end of the chain. Default: the host itself. */
    host: HostName.optional(),
    port: Port.optional(),
    /** Name of the replica set, where the host is one of its members. */
    replicaSet: AnyName.regex(/^[^/,]+$/).optional(),
    user: AnyName.optional(),
    password: SecretText.optional(),
    authenticationDatabase: AnyName.default('admin'),
    /** Default: `off` on the host itself, else `verified`. */
    tls: TlsMode.optional(),
    tlsAuthority: CertificatePem.optional(),
    runAs: AccountName.optional(),
    toolFolder: FarPath.optional(),
    /** `all` is one archive of everything. */
    databases: z.union([z.literal('all'), z.array(DatabaseName).min(1).max(1000)]).default('all'),
    /** All of it as of one instant. Only for `all`, and only of a member of a replica set. */
    oplog: z.boolean().default(false),
    concurrency: z.int().min(1).max(16).default(1),
  })
  .refine((options) => !options.oplog || options.databases === 'all', {
    message: 'The operation log is of the whole server: it goes with all databases only.',
    path: ['oplog'],
  });
export type MongodbOptions = z.output<typeof MongodbOptions>;
