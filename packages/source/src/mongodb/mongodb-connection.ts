import type { CallOptions, Command, Host } from '@holdfast/connect/port';
import { type FarPrivateDirectory, makeFarPrivateDirectory } from '../far-private-directory.ts';
import { defaultTls, toolPath } from '../option-types.ts';
import type { MongodbOptions } from './mongodb-options.ts';

const configFile = 'config.yaml';
const authorityFile = 'authority.pem';

/** Makes commands of mongodump and mongorestore that reach the server. */
export interface MongodbConnection extends AsyncDisposable {
  command(program: 'mongodump' | 'mongorestore', parameters: readonly string[]): Command;
}

/** Puts what the programs must read (password, authority) into a private directory on the host, for as long as the connection is held. */
export async function openMongodbConnection(host: Host, options: MongodbOptions, call: CallOptions = {}): Promise<MongodbConnection> {
  const files = {
    // A text of JSON is one of YAML.
    ...(options.password === undefined ? {} : { [configFile]: `password: ${JSON.stringify(options.password.reveal())}` }),
    ...(options.tlsAuthority === undefined ? {} : { [authorityFile]: options.tlsAuthority }),
  };
  if (Object.keys(files).length === 0) return connectionAt(options, undefined);
  return connectionAt(options, await makeFarPrivateDirectory(host, files, { signal: call.signal, user: options.runAs }));
}

/** The connection as it would be, with `…` for the private directory. Nothing is run. */
export function explainedMongodbConnection(options: MongodbOptions): MongodbConnection {
  return connectionAt(options, { path: '…', [Symbol.asyncDispose]: async () => undefined });
}

function connectionAt(options: MongodbOptions, directory: FarPrivateDirectory | undefined): MongodbConnection {
  const { host = 'localhost', port, replicaSet, user, password, authenticationDatabase, runAs, toolFolder } = options;
  const tls = options.tls ?? defaultTls(host);
  const address = [
    ...(password === undefined || directory === undefined ? [] : [`--config=${directory.path}/${configFile}`]),
    `--host=${replicaSet === undefined ? host : `${replicaSet}/${host}`}`,
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(user === undefined ? [] : [`--username=${user}`, `--authenticationDatabase=${authenticationDatabase}`]),
    ...(tls === 'off' ? [] : ['--ssl']),
    ...(tls === 'unverified' ? ['--sslAllowInvalidCertificates', '--sslAllowInvalidHostnames'] : []),
    ...(tls === 'verified' && options.tlsAuthority !== undefined && directory !== undefined
      ? [`--sslCAFile=${directory.path}/${authorityFile}`]
      : []),
  ];
  return {
    command: (program, parameters) => ({
      argv: [toolPath(toolFolder, program), ...address, ...parameters],
      environment: { LC_ALL: 'C' },
      user: runAs,
    }),
    [Symbol.asyncDispose]: async () => await directory?.[Symbol.asyncDispose](),
  };
}
