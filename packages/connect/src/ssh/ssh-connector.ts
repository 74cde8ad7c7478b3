import { CodedError, systemClock, systemRandom } from '@holdfast/kernel';
import { connectionLost, linkUnreachable } from '../link-errors.ts';
import { LocalHost } from '../local-host.ts';
import type { CallOptions, Connector, Host } from '../port.ts';
import { fingerprint, formatHostKey, type HostKey } from './host-key.ts';
import { type OpenWay, openWay } from './open-way.ts';
import { makeSshFiles } from './private-files.ts';
import { type SshPorts, scanHostKey } from './scan-host-key.ts';
import { checkSshConnection, type SshConnection, sshAddress } from './ssh-connection.ts';
import { isHostKeyRefused, sshFailure } from './ssh-failure.ts';
import { SshHost } from './ssh-host.ts';
import { SshMaster } from './ssh-master.ts';
import { sshEnvironment, writeSshFiles } from './write-ssh-files.ts';

/**
 * A link by SSH, with the system's OpenSSH. Whatever the place before it, ssh runs on this machine and the credentials stay here: in files of a
 * private directory, for as long as the link is open. A connection that cannot be (F70: names that ssh could take for options) is refused here
 * with `invalid-argument`.
 *
 * Opening it rejects with `link-unreachable`, `link-denied`, `host-key-unknown` or `host-key-changed` (both with the fingerprints, in
 * `context.shown` and `context.pinned`), `connection-lost` when it is the link before that broke, or `tool-missing` (ssh itself).
 */
export function sshConnector(connection: SshConnection, ports: SshPorts = {}): Connector {
  checkSshConnection(connection);
  return async (via, options = {}) => await openSshLink(connection, via, options, ports);
}

async function openSshLink(connection: SshConnection, via: Host, options: CallOptions, ports: SshPorts): Promise<SshHost> {
  const { clock = systemClock, random = systemRandom } = ports;
  options.signal?.throwIfAborted();
  const address = sshAddress(connection);
  const link = `ssh ${address}`;
  const description = via instanceof LocalHost ? link : `${via.description} → ${link}`;
  const scan = async (): Promise<HostKey> => await scanHostKey(via, connection, { ...ports, signal: options.signal });
  if (connection.hostKeys.length === 0) throw unknownKey(link, description, await scan());
  await using stack = new AsyncDisposableStack();
  const files = await makeSshFiles(stack, random);
  const opened = await openWay(via, connection, files, stack);
  await writeSshFiles(connection, files, opened.way);
  const environment = sshEnvironment(connection, files);
  const connectTimeoutMs = Math.min(connection.connectTimeoutMs ?? 30_000, options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const master = await SshMaster.open(files, { clock, signal: options.signal, environment, link, connectTimeoutMs });
  if ('failed' in master) {
    const said = `${opened.said()}\n${master.failed}`;
    // The key is asked for again over a connection of its own: ssh says the fingerprint only of a key of the same kind.
    if (isHostKeyRefused(said)) throw changedKey(link, description, connection.hostKeys, await scan());
    throw (
      wayFailure(opened, via, link, description) ??
      sshFailure(said, { link, from: via.description, alias: files.alias, address, description })
    );
  }
  stack.use(master);
  return new SshHost({ description, files, environment, master, resources: stack.move(), clock, random });
}

/** The error of a link whose way failed before it, or undefined where it is the link itself that failed. */
function wayFailure(opened: OpenWay, via: Host, link: string, description: string): CodedError | undefined {
  if (via instanceof SshHost && via.master.isLost)
    return connectionLost(via.description, 'it ended while the next link was opened', via.description);
  const failure = opened.failure();
  return failure === undefined ? undefined : linkUnreachable(link, via.description, failure, description);
}

function unknownKey(link: string, description: string, shown: HostKey): CodedError {
  return new CodedError({
    code: 'host-key-unknown',
    message: `No host key of ${link} is pinned yet; it shows ${fingerprint(shown)} (${shown.algorithm})`,
    hint: 'Compare the fingerprint with the one of the host itself (ssh-keygen -lf on its /etc/ssh/ssh_host_*_key.pub), then pin the key.',
    context: { link: description, shown: fingerprint(shown), shownKey: formatHostKey(shown) },
  });
}

function changedKey(link: string, description: string, pinned: readonly HostKey[], shown: HostKey): CodedError {
  const expected = pinned.map((key) => `${fingerprint(key)} (${key.algorithm})`).join(', ');
  return new CodedError({
    code: 'host-key-changed',
    message: `${link} shows the host key ${fingerprint(shown)} (${shown.algorithm}), but pinned is ${expected}`,
    hint: 'Somebody may stand between. Find out why the key changed (a new installation?) before you pin the new one.',
    context: {
      link: description,
      shown: fingerprint(shown),
      shownKey: formatHostKey(shown),
      pinned: pinned.map(fingerprint).join(', '),
    },
  });
}
