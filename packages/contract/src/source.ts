import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';

/** Any text of one line with something in it. */
const Text = z
  .string()
  .min(1)
  .max(1024)
  .refine((text) => !/[\0\r\n]/.test(text), 'It is one line.');
const AccountName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'Give the name of an account.');
const Concurrency = z.int().min(1).max(16);

/** On which host programs run, and as whom. */
const tools = {
  /** Account of that host to run the programs as, where it is another one than the chain's. */
  runAs: AccountName.optional(),
  /** Folder of the programs on that host. */
  toolFolder: AbsolutePath.optional(),
};

/** Where a server listens, as seen from the end of the chain. Its password is kept apart. */
const server = {
  /** Name, address, or the path of a unix socket. None: where the programs of that host find it. */
  host: Text.optional(),
  port: z.int().min(1).max(65_535).optional(),
  user: Text.optional(),
  /** None: `off` on the host itself, else `verified`. */
  tls: z.enum(['verified', 'unverified', 'off']).optional(),
  /** The authority that `verified` trusts, as PEM. */
  tlsAuthority: z
    .string()
    .max(256 * 1024)
    .regex(/-----BEGIN CERTIFICATE-----/, 'Give a certificate in PEM form.')
    .optional(),
  ...tools,
};

const Databases = z.union([z.literal('all'), z.array(Text).min(1, 'Name at least one database.').max(1000)]).default('all');
const ExcludedDatabases = z.array(Text).max(1000).default([]);

/** What of a tree of files is left out. */
const rules = {
  /** Patterns as restic writes them: `*.tmp`, `/home/user/cache`, `!keep.tmp`. */
  excludes: z.array(z.string().min(1).max(4095)).max(1000).default([]),
  /** Leaves out directories that hold a CACHEDIR.TAG. */
  excludeCaches: z.boolean().default(false),
  oneFileSystem: z.boolean().default(false),
  excludeLargerThanBytes: z.int().positive().nullable().default(null),
};

const Files = z.strictObject({
  driver: z.literal('files'),
  paths: z.array(AbsolutePath).min(1, 'Name at least one directory or file.').max(1000),
  ...rules,
});

const DockerVolume = z.strictObject({
  driver: z.literal('docker-volume'),
  /** Names of volumes of the engine on the host that the chain leads to. They are read as directories of that host. */
  volumes: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/, 'This is not the name of a volume.'))
    .min(1, 'Name at least one volume.')
    .max(100),
  program: z.enum(['docker', 'podman']).default('docker'),
  /** Where the engine listens on that host, where it is another place than the program's own. */
  socket: AbsolutePath.optional(),
  /** What happens to the running containers that use one of them while they are read. */
  containers: z.enum(['run', 'pause', 'stop']).default('run'),
  ...rules,
});

const Postgres = z.strictObject({
  driver: z.literal('postgres'),
  ...server,
  /** `all` takes new ones by itself, and no templates. */
  databases: Databases,
  /** Left out of `all`. */
  excludeDatabases: ExcludedDatabases,
  /** Roles with their passwords, as far as the role that is signed in may read them, and tablespaces. */
  roles: z.boolean().default(true),
  format: z.enum(['custom', 'plain']).default('custom'),
  /** The database to look around from. */
  maintenanceDatabase: Text.default('postgres'),
  /** How many databases are dumped side by side. */
  concurrency: Concurrency.default(2),
});

const Mysql = z.strictObject({
  driver: z.literal('mysql'),
  ...server,
  databases: Databases,
  excludeDatabases: ExcludedDatabases,
  concurrency: Concurrency.default(2),
});

const Mongodb = z.strictObject({
  driver: z.literal('mongodb'),
  ...server,
  replicaSet: Text.optional(),
  authenticationDatabase: Text.default('admin'),
  /** `all` is one archive of everything. */
  databases: Databases,
  /** All of it as of one instant: only for `all`, and only of a member of a replica set. */
  oplog: z.boolean().default(false),
});

const Redis = z.strictObject({ driver: z.literal('redis'), ...server });

const Sqlite = z.strictObject({
  driver: z.literal('sqlite'),
  /** The files of the databases. */
  paths: z.array(AbsolutePath).min(1, 'Name at least one database file.').max(1000),
  ...tools,
  method: z.enum(['backup', 'vacuum-into']).default('backup'),
});

const Argv = z.array(z.string().max(65_536)).min(1).max(1000);

const Command = z.strictObject({
  driver: z.literal('command'),
  /** A program and its arguments: no shell reads them. Its standard output is the content. No secrets: every argument can be seen. */
  argv: Argv,
  /** Name of the file in the backup. */
  fileName: z
    .string()
    .min(1)
    .max(200)
    .regex(/^(?!\.{1,2}$)[^/\0]+$/, 'Give a plain name of a file.'),
  workingDirectory: AbsolutePath.optional(),
  runAs: AccountName.optional(),
  /** Which exit codes mean that it succeeded. */
  expectedExitCodes: z.array(z.int().min(0).max(255)).min(1).max(16).default([0]),
  /** The text that a whole output ends with. */
  endMarker: z.string().min(1).max(1024).optional(),
  /** Without it no output at all is a failure. */
  mayBeEmpty: z.boolean().default(false),
  /** What is run for a restore: it gets the content on its standard input. */
  restoreArgv: Argv.optional(),
});

/** What a backup reads at the end of its chain, by driver. Holds no secrets. */
export const Source = z.discriminatedUnion('driver', [Files, DockerVolume, Postgres, Mysql, Mongodb, Redis, Sqlite, Command]);
export type Source = z.infer<typeof Source>;

/** Files, as paths of a file system. */
export type FilesSource = z.infer<typeof Files>;

/** Files of volumes of a container engine. */
export type DockerVolumeSource = z.infer<typeof DockerVolume>;

/** What gives one or several dumps: everything but files. */
export type DumpSource = Exclude<Source, FilesSource | DockerVolumeSource>;

/** What a source signs in with at its server. */
export const SourcePassword = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !/[\r\n\0]/.test(text), 'It is one line.');
