import type { TestContext } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import type { Host } from '@holdfast/connect/port';
import { SshServer, whyNoSshd } from '../services/sshd.ts';
import { busyBoxFolder, busyBoxHost } from './far-hosts.ts';
import { connectorTo } from './ssh-chain.ts';

/** A place whose files can be read and written through a host, and on this machine's disk, so that a test can look. */
export interface FarPlace {
  readonly name: string;
  readonly hasBusyBox: boolean;
  /** Closed with the test; undefined, and the test skipped, where there is no such place. `root`: an empty directory for what it needs. */
  open(t: TestContext, root: string): Promise<Host | undefined>;
}

export const farPlaces: readonly FarPlace[] = [
  { name: 'GNU programs', hasBusyBox: false, open: async (t) => closedWith(t, new LocalHost()) },
  {
    name: 'BusyBox',
    hasBusyBox: true,
    open: async (t, root) => {
      const folder = busyBoxFolder(t, root);
      return folder === undefined ? undefined : closedWith(t, busyBoxHost(folder));
    },
  },
  {
    name: 'two hops of SSH',
    hasBusyBox: false,
    open: async (t) => {
      const reason = whyNoSshd();
      if (reason !== undefined) {
        t.skip(reason);
        return undefined;
      }
      const servers = [await SshServer.start(), await SshServer.start()];
      t.after(async () => {
        for (const server of servers) await server[Symbol.asyncDispose]();
      });
      return closedWith(
        t,
        await openChain(
          new LocalHost(),
          servers.map((server) => connectorTo(server)),
        ),
      );
    },
  },
];

function closedWith(t: TestContext, host: Host): Host {
  t.after(() => host[Symbol.asyncDispose]());
  return host;
}
