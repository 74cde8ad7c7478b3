import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SshServer } from '../test/services/sshd.ts';

/** A server as another process of the bench is told of it. */
export interface KnownServer {
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly clientKey: string;
}

export function knownServer({ port, user, hostKey, clientKey }: SshServer): KnownServer {
  return { port, user, hostKey, clientKey };
}

/**
 * The configuration of a plain ssh to these servers (`hop0`, `hop1`, … each through those before it) with ssh's own choice of cipher, as
 * Holdfast makes it, and no control socket. Returns its path.
 */
export function writePlainConfig(folder: string, servers: readonly SshServer[]): string {
  const lines = servers.flatMap((server, i) => {
    writeFileSync(join(folder, `known-${i}`), `hop${i} ${server.hostKey}\n`);
    return [
      `Host hop${i}`,
      'HostName 127.0.0.1',
      `Port ${server.port}`,
      `User ${server.user}`,
      `HostKeyAlias hop${i}`,
      `UserKnownHostsFile ${join(folder, `known-${i}`)}`,
      `IdentityFile ${join(server.folder, 'client_key')}`,
      ...(i === 0 ? [] : [`ProxyJump hop${i - 1}`]),
    ];
  });
  const common = ['Host *', 'GlobalKnownHostsFile none', 'IdentitiesOnly yes', 'BatchMode yes', 'ControlPath none', 'LogLevel ERROR'];
  const file = join(folder, 'plain_ssh_config');
  writeFileSync(file, `${[...lines, ...common].join('\n')}\n`);
  return file;
}

/** What the connections to a port of this machine that are open now have carried, in both directions, as TCP counts it. */
export function wireBytes(port: number): { readonly up: number; readonly down: number } {
  const text = execFileSync('ss', ['-tinH', 'state', 'established', 'sport', '=', `:${port}`], { encoding: 'utf8' });
  const sum = (name: string): number => [...text.matchAll(new RegExp(`\\b${name}:(\\d+)`, 'g'))].reduce((all, [, n]) => all + Number(n), 0);
  return { up: sum('bytes_received'), down: sum('bytes_sent') };
}
