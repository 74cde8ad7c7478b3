import type { CallOptions, Command, Host } from '@holdfast/connect/port';
import { type FarPrivateDirectory, makeFarPrivateDirectory } from '../far-private-directory.ts';
import { defaultTls, toolPath } from '../option-types.ts';
import type { PostgresOptions } from './postgres-options.ts';

const connectTimeoutSeconds = 20;
const passwordFile = 'pgpass';
const authorityFile = 'authority.pem';

/** Makes commands of PostgreSQL's programs that reach the server. */
export interface PostgresConnection extends AsyncDisposable {
  /** `program` with these parameters, for the server and, where the program takes one, the database. */
  command(program: string, parameters: readonly string[], database?: string): Command;
}

/** Puts what the programs must read (password, authority) into a private directory on the host, for as long as the connection is held. */
export async function openPostgresConnection(host: Host, options: PostgresOptions, call: CallOptions = {}): Promise<PostgresConnection> {
  const files = {
    ...(options.password === undefined ? {} : { [passwordFile]: passwordLine(options.password.reveal()) }),
    ...(options.tlsAuthority === undefined ? {} : { [authorityFile]: options.tlsAuthority }),
  };
  if (Object.keys(files).length === 0) return connectionAt(options, undefined);
  const directory = await makeFarPrivateDirectory(host, files, { signal: call.signal, user: options.runAs });
  return connectionAt(options, directory);
}

/** The connection as it would be, with `…` for the private directory. Nothing is run. */
export function explainedPostgresConnection(options: PostgresOptions): PostgresConnection {
  return connectionAt(options, { path: '…', [Symbol.asyncDispose]: async () => undefined });
}

function connectionAt(options: PostgresOptions, directory: FarPrivateDirectory | undefined): PostgresConnection {
  const { host, port, user, runAs, toolFolder } = options;
  const server = [
    ...(host === undefined ? [] : [`--host=${host}`]),
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(user === undefined ? [] : [`--username=${user}`]),
    '--no-password',
  ];
  const environment = {
    LC_ALL: 'C',
    PGAPPNAME: 'holdfast',
    PGCLIENTENCODING: 'UTF8',
    PGCONNECT_TIMEOUT: String(connectTimeoutSeconds),
    PGSSLMODE: sslMode(options),
    ...(options.password === undefined ? {} : { PGPASSFILE: `${directory?.path ?? ''}/${passwordFile}` }),
    ...(options.tlsAuthority === undefined ? {} : { PGSSLROOTCERT: `${directory?.path ?? ''}/${authorityFile}` }),
  };
  return {
    command(program, parameters, database) {
      const target = database === undefined ? [] : [`--dbname=dbname=${quoteConnectionValue(database)}`];
      // A dump is in the encoding of its database, and says so.
      const { PGCLIENTENCODING, ...own } = environment;
      return {
        argv: [toolPath(toolFolder, program), ...server, ...target, ...parameters],
        environment: program === 'psql' ? { ...own, PGCLIENTENCODING } : own,
        user: runAs,
      };
    },
    [Symbol.asyncDispose]: async () => await directory?.[Symbol.asyncDispose](),
  };
}

function sslMode(options: PostgresOptions): string {
  switch (options.tls ?? defaultTls(options.host)) {
    case 'verified':
      return 'verify-full';
    case 'unverified':
      return 'require';
    case 'off':
      // Where the server insists on encryption on its own host, it gets it.
      return 'prefer';
  }
}

/** For any host, port, database and user: the commands that read the file name the one server themselves. */
function passwordLine(password: string): string {
  return `*:*:*:*:${password.replaceAll(/[\\:]/g, '\\$&')}`;
}

/** A value of a connection string, in which nothing is a keyword of its own. */
export function quoteConnectionValue(value: string): string {
  return `'${value.replaceAll(/[\\']/g, '\\$&')}'`;
}
