import { readFile } from 'node:fs/promises';
import { type Clock, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { collectTail } from '../collect-tail.ts';
import { startLocalProcess } from '../local-process.ts';
import type { CallOptions, Host } from '../port.ts';
import { type HostKey, parseHostKey } from './host-key.ts';
import { openWay } from './open-way.ts';
import { makeSshFiles } from './private-files.ts';
import { pathOf } from './ssh-config.ts';
import { checkSshAddress, type SshConnection } from './ssh-connection.ts';
import { sshFailure } from './ssh-failure.ts';
import { sshEnvironment, writeSshFiles } from './write-ssh-files.ts';

export interface SshPorts {
  readonly clock?: Clock;
  readonly random?: RandomSource;
}

/** In place of pinned keys and credentials: write down the key that is shown, and sign in with nothing. */
const onlyLook = [
  'StrictHostKeyChecking=accept-new',
  'HashKnownHosts=no',
  'ControlPath=none',
  'BatchMode=yes',
  'PreferredAuthentications=none',
  'PubkeyAuthentication=no',
  'PasswordAuthentication=no',
  'KbdInteractiveAuthentication=no',
  'LogLevel=INFO',
];

/**
 * The key that the host shows now, for a person to compare its `fingerprint` with what is known from elsewhere, and to pin. Nothing is signed
 * in with, and nothing vouches for the key.
 */
export async function scanHostKey(
  via: Host,
  address: Pick<SshConnection, 'host' | 'port' | 'connectTimeoutMs'>,
  options: CallOptions & SshPorts = {},
): Promise<HostKey> {
  const { clock = systemClock, random = systemRandom } = options;
  const connection: SshConnection = { ...address, user: 'nobody', hostKeys: [], credentials: {} };
  checkSshAddress(connection);
  await using stack = new AsyncDisposableStack();
  const files = await makeSshFiles(stack, random);
  const { way, failure, said } = await openWay(via, address, files, stack);
  await writeSshFiles(connection, files, way);
  const parameters = ['-F', pathOf(files, 'config'), ...onlyLook.flatMap((option) => ['-o', option]), '-T', '--', files.alias, 'exit'];
  const link = `ssh ${address.host}${address.port === undefined ? '' : `:${address.port}`}`;
  await using client = await startLocalProcess(
    { file: 'ssh', parameters, environment: sshEnvironment(connection, files) },
    {
      clock,
      signal: options.signal,
      what: `Asking ${link} for its key`,
      timeoutMs: options.timeoutMs ?? address.connectTimeoutMs ?? 30_000,
    },
  );
  const [text] = await Promise.all([collectTail(client.stderr), collectTail(client.stdout), client.exit]);
  const line = (await readFile(pathOf(files, 'known_hosts'), 'utf8')).split('\n').find((each) => each.startsWith(`${files.alias} `));
  if (line !== undefined) return parseHostKey(line.slice(files.alias.length + 1));
  if (failure() !== undefined) throw failure();
  throw sshFailure(`${said()}\n${text}`, { link, description: link, from: via.description, alias: files.alias, address: address.host });
}
