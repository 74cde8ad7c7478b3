import type { CallOptions, Command, Host } from '@holdfast/connect/port';
import { type FarPrivateDirectory, makeFarPrivateDirectory } from '../far-private-directory.ts';
import { defaultTls, toolPath } from '../option-types.ts';
import type { MysqlOptions } from './mysql-options.ts';
import type { MysqlTools } from './mysql-tools.ts';

const optionFile = 'client.cnf';
const authorityFile = 'authority.pem';

/** Makes commands of the programs that reach the server. */
export interface MysqlConnection extends AsyncDisposable {
  readonly tools: MysqlTools;
  /** The dump program or the client with these parameters. */
  command(program: 'dump' | 'client', parameters: readonly string[]): Command;
}

/** Puts what the programs must read (password, authority) into a private directory on the host, for as long as the connection is held. */
export async function openMysqlConnection(
  host: Host,
  options: MysqlOptions,
  tools: MysqlTools,
  call: CallOptions = {},
): Promise<MysqlConnection> {
  const files = {
    ...(options.password === undefined ? {} : { [optionFile]: `[client]\npassword=${quoteOption(options.password.reveal())}` }),
    ...(options.tlsAuthority === undefined ? {} : { [authorityFile]: options.tlsAuthority }),
  };
  if (Object.keys(files).length === 0) return connectionAt(options, tools, undefined);
  return connectionAt(options, tools, await makeFarPrivateDirectory(host, files, { signal: call.signal, user: options.runAs }));
}

/** The connection as it would be, with `…` for the private directory. Nothing is run. */
export function explainedMysqlConnection(options: MysqlOptions): MysqlConnection {
  const tools: MysqlTools = { vendor: 'mariadb', dump: 'mariadb-dump', client: 'mariadb', version: '' };
  return connectionAt(options, tools, { path: '…', [Symbol.asyncDispose]: async () => undefined });
}

function connectionAt(options: MysqlOptions, tools: MysqlTools, directory: FarPrivateDirectory | undefined): MysqlConnection {
  const { host, port, user, password, runAs, toolFolder } = options;
  const address = [
    // This file and no other: the account's own file would be read behind it, and would win. It must be the first argument.
    ...(password === undefined || directory === undefined ? [] : [`--defaults-file=${directory.path}/${optionFile}`]),
    ...(host === undefined ? [] : host.startsWith('/') ? ['--protocol=socket', `--socket=${host}`] : ['--protocol=tcp', `--host=${host}`]),
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...tlsParameters(options, tools, directory),
    // Names and texts of four bytes as well.
    '--default-character-set=utf8mb4',
  ];
  return {
    tools,
    command: (program, parameters) => ({
      argv: [toolPath(toolFolder, tools[program]), ...address, ...parameters],
      environment: { LC_ALL: 'C' },
      user: runAs,
    }),
    [Symbol.asyncDispose]: async () => await directory?.[Symbol.asyncDispose](),
  };
}

function tlsParameters(options: MysqlOptions, tools: MysqlTools, directory: FarPrivateDirectory | undefined): readonly string[] {
  const mode = options.tls ?? defaultTls(options.host);
  const authority = options.tlsAuthority === undefined || directory === undefined ? [] : [`--ssl-ca=${directory.path}/${authorityFile}`];
  if (tools.vendor === 'mysql') {
    const modes = { verified: 'VERIFY_IDENTITY', unverified: 'REQUIRED', off: 'PREFERRED' } as const;
    return [`--ssl-mode=${modes[mode]}`, ...authority];
  }
  if (mode === 'verified') return ['--ssl', '--ssl-verify-server-cert', ...authority];
  return [...(mode === 'unverified' ? ['--ssl'] : []), '--skip-ssl-verify-server-cert'];
}

/** A value of an option file, in which quotes, comment signs and spaces at its ends are only signs. */
export function quoteOption(value: string): string {
  return `"${value.replaceAll(/[\\"]/g, '\\$&')}"`;
}
