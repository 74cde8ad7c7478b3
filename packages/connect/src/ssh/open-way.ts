import { LocalHost } from '../local-host.ts';
import type { Host } from '../port.ts';
import { pathOf, type SshFiles, type SshWay } from './ssh-config.ts';
import type { SshConnection } from './ssh-connection.ts';
import { SshHost } from './ssh-host.ts';
import { WayDoor } from './way-door.ts';

/** A way that is open, and what is known about why it does not lead further. */
export interface OpenWay {
  readonly way: SshWay;
  /** The error of the previous host, where it is that which failed. */
  readonly failure: () => unknown;
  /** What the connection of the previous hop says about the way through it, since the way was opened. */
  readonly said: () => string;
}

/**
 * How ssh gets from the place that the chain has reached to the next host. Through an earlier hop by SSH it goes within OpenSSH; for any other
 * host all that is needed of it is `dial`.
 */
export async function openWay(
  via: Host,
  to: Pick<SshConnection, 'host' | 'port'>,
  files: SshFiles,
  stack: AsyncDisposableStack,
): Promise<OpenWay> {
  const nothing = { failure: () => undefined, said: () => '' };
  if (via instanceof LocalHost) return { way: { kind: 'direct' }, ...nothing };
  if (via instanceof SshHost) {
    const before = via.master.said.position;
    return { way: { kind: 'jump', ...via.jump }, failure: () => undefined, said: () => via.master.said.text(before) };
  }
  const socket = pathOf(files, 'way');
  const door = stack.use(await WayDoor.open(socket, async () => await via.dial({ host: to.host, port: to.port ?? 22 })));
  return { way: { kind: 'stream', socket }, failure: () => door.failure, said: () => '' };
}
