import type { CallOptions, Command, Host } from '@holdfast/connect/port';
import { withSecretEnvironment } from '@holdfast/connect/secret-environment';
import { CodedError } from '@holdfast/kernel';
import { makeFarPrivateDirectory } from '../far-private-directory.ts';
import { firstReading } from '../first-reading.ts';
import { defaultTls, toolPath } from '../option-types.ts';
import { runTool, toolVersion } from '../run-tool.ts';
import { type FailureReading, programFailed } from '../source-errors.ts';
import type { RedisOptions } from './redis-options.ts';

const authorityFile = 'authority.pem';
const programs = ['redis-cli', 'valkey-cli'] as const;

/** Runs redis-cli. The password travels by standard input into the environment of the program alone: it has no file for one. */
export interface RedisConnection extends AsyncDisposable {
  readonly program: string;
  readonly version: string;
  command(parameters: readonly string[]): { readonly command: Command; readonly stdin?: AsyncIterable<Uint8Array> };
  /** What the server answers, as text. An answer that is an error is one. */
  ask(words: readonly string[], call?: CallOptions): Promise<string>;
}

/** Finds the program on the host and prepares what it must read. */
export async function openRedisConnection(host: Host, options: RedisOptions, call: CallOptions = {}): Promise<RedisConnection> {
  const { program, version } = await findProgram(host, options, call);
  const { tlsAuthority, runAs } = options;
  const directory =
    tlsAuthority === undefined
      ? undefined
      : await makeFarPrivateDirectory(host, { [authorityFile]: tlsAuthority }, { signal: call.signal, user: runAs });
  const parameters = redisParameters(options, directory?.path);
  const command: RedisConnection['command'] = (words) => {
    const plain = { argv: [toolPath(options.toolFolder, program), ...parameters, ...words], environment: { LC_ALL: 'C' }, user: runAs };
    if (options.password === undefined) return { command: plain };
    return withSecretEnvironment(plain, { REDISCLI_AUTH: options.password });
  };
  return {
    program,
    version,
    command,
    ask: async (words, own = call) => {
      const what = `Asking the Redis server of ${host.description}`;
      const run = { ...command(words), program, what, read: readRedisFailure, otherwise: 'source-unreachable' } as const;
      const { stdout, stderr } = await runTool(host, run, own);
      const said = `${stderr}${stdout}`;
      // The program ends with 0 after an answer that is an error.
      if (!/^(?:AUTH failed|NOAUTH|NOPERM|WRONGPASS|LOADING|ERR|READONLY|Could not connect)\b/m.test(said))
        return stdout.replaceAll('\r\n', '\n');
      throw programFailed({ ...run, place: host.description, exit: { kind: 'exited', code: 0 }, said });
    },
    [Symbol.asyncDispose]: async () => await directory?.[Symbol.asyncDispose](),
  };
}

/** The words that lead to the server. */
export function redisParameters(options: RedisOptions, directory: string | undefined): readonly string[] {
  const { host, port, user } = options;
  const tls = options.tls ?? defaultTls(host);
  return [
    ...(host === undefined ? [] : host.startsWith('/') ? ['-s', host] : ['-h', host]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['--user', user]),
    '--no-auth-warning',
    ...(tls === 'off' ? [] : ['--tls']),
    ...(tls === 'unverified' ? ['--insecure'] : []),
    ...(tls === 'verified' && directory !== undefined ? ['--cacert', `${directory}/${authorityFile}`] : []),
  ];
}

async function findProgram(
  host: Host,
  options: RedisOptions,
  call: CallOptions,
): Promise<{ readonly program: string; readonly version: string }> {
  let missing: unknown;
  for (const program of programs) {
    try {
      const command = { argv: [toolPath(options.toolFolder, program), '--version'], user: options.runAs };
      return { program, version: await toolVersion(host, command, program, call) };
    } catch (error) {
      if (!CodedError.is(error, 'tool-missing')) throw error;
      missing ??= error;
    }
  }
  throw missing;
}

const readings: readonly (readonly [RegExp, FailureReading])[] = [
  [/WRONGPASS|NOAUTH|AUTH failed|invalid password/, { code: 'source-denied', hint: 'Correct the user or the password of the source.' }],
  [/NOPERM/, { code: 'source-denied', hint: 'Give the user the commands that docs/sources.md lists: +sync +psync +replconf +ping +info.' }],
  [
    /certificate|SSL|TLS/,
    { code: 'source-untrusted', hint: "Give the source the server's authority (tlsAuthority), or choose how it is protected (tls)." },
  ],
  [
    /Could not connect|Connection refused|Connection reset|Server closed the connection|LOADING|MASTERDOWN|timed? ?out/i,
    { code: 'source-unreachable', hint: 'Look whether the server runs and takes connections at that host, port or socket.', again: true },
  ],
  [/unrecognized option|Unrecognized option/i, { code: 'tool-too-old', hint: 'Name the folder of a newer redis-cli (toolFolder).' }],
];

/** What redis-cli and the server mean by their words. */
export function readRedisFailure(said: string): FailureReading | undefined {
  return firstReading(readings, said);
}
