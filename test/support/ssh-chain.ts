import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Connector } from '@holdfast/connect/port';
import { parseHostKey, type SshConnection, sshConnector } from '@holdfast/connect/ssh';
import { Secret } from '@holdfast/kernel';
import type { SshServer } from '../services/sshd.ts';

/** Gives this process, and those that it starts, a folder of their own for temporary files, with a short path: what is left in it is theirs. */
export function useOwnTemporaryFolder(): void {
  const folder = mkdtempSync('/tmp/ht-');
  chmodSync(folder, 0o1777); // servers that run as another user use it, too
  process.env['TMPDIR'] = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
}

/** How to reach a test server, its key pinned. */
export function connectionTo(
  server: Pick<SshServer, 'port' | 'user' | 'hostKey' | 'clientKey'>,
  changes: Partial<SshConnection> = {},
): SshConnection {
  return {
    host: '127.0.0.1',
    port: server.port,
    user: server.user,
    hostKeys: [parseHostKey(server.hostKey)],
    credentials: { privateKey: new Secret(server.clientKey) },
    connectTimeoutMs: 20_000,
    ...changes,
  };
}

export function connectorTo(...parameters: Parameters<typeof connectionTo>): Connector {
  return sshConnector(connectionTo(...parameters));
}

/** The private directories of ssh connections that are there now. */
export function privateDirectories(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('holdfast-ssh-'));
}

/** Processes of this machine in whose arguments or environment one of the texts stands: `ssh (cmdline)`. */
export function processesWith(texts: readonly string[]): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^[0-9]+$/.test(pid)) return [];
    return ['cmdline', 'environ'].flatMap((file) => {
      try {
        const content = readFileSync(`/proc/${pid}/${file}`, 'latin1');
        return texts.some((text) => content.includes(text)) ? [`${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()} (${file})`] : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
  });
}
