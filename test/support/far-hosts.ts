import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import type { Command, ExecOptions, Host, RemoteProcess } from '@holdfast/connect/port';

/** A host with other commands, or other streams, than the one that it uses. */
export function alteredHost(
  host: Host,
  alter: {
    readonly command?: (command: Command) => Command;
    readonly stdout?: (bytes: AsyncIterable<Uint8Array>, command: Command) => AsyncIterable<Uint8Array>;
    readonly stdin?: (bytes: AsyncIterable<Uint8Array>, command: Command) => AsyncIterable<Uint8Array>;
  },
): Host {
  return {
    description: host.description,
    async exec(given: Command, options: ExecOptions = {}): Promise<RemoteProcess> {
      const command = alter.command?.(given) ?? given;
      const stdin = options.stdin === undefined ? undefined : (alter.stdin?.(options.stdin, command) ?? options.stdin);
      const running = await host.exec(command, { ...options, stdin });
      if (alter.stdout === undefined) return running;
      return {
        stdout: alter.stdout(running.stdout, command),
        stderr: running.stderr,
        exit: running.exit,
        [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
      };
    },
    dial: (address, options) => host.dial(address, options),
    explain: (command) => host.explain(command),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}

/** Passes on so many bytes and drops the rest, without a word: the end of the command is told as it was. */
export async function* cutAfter(bytes: AsyncIterable<Uint8Array>, keptBytes: number): AsyncGenerator<Uint8Array> {
  let left = keptBytes;
  for await (const piece of bytes) {
    if (left > 0) yield piece.subarray(0, left);
    left -= piece.byteLength;
  }
}

/** A folder with BusyBox under the name of each of its applets, to be the whole PATH of a host; undefined where there is no BusyBox. */
export function busyBoxFolder(t: TestContext, parent: string): string | undefined {
  const { status, stdout } = spawnSync('busybox', ['--list'], { encoding: 'utf8' });
  if (status !== 0) {
    if (process.env['CI'] === 'true') throw new Error('needs busybox: see test/services/install.ts');
    t.skip('needs busybox');
    return undefined;
  }
  const folder = join(parent, 'busybox');
  const program = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  mkdirSync(folder);
  for (const applet of stdout.trim().split('\n')) symlinkSync(program, join(folder, applet));
  return folder;
}

/** This machine as it would be with nothing but BusyBox. `user`: another account, which needs root. */
export function busyBoxHost(folder: string, user?: string): Host {
  const environment = { PATH: folder, HOME: '/' };
  if (user === undefined) return new LocalHost({ environment });
  // BusyBox has a su of its own only on systems that are made of it.
  const su = ['/bin/su', '-s', join(folder, 'sh'), '-c', 'export PATH="$0"; exec "$@"', '--', user, folder];
  return alteredHost(new LocalHost({ environment }), {
    command: ({ environment: own = {}, ...command }) => ({
      ...command,
      argv: [...su, 'env', ...Object.entries(own).map(([name, value]) => `${name}=${value}`), ...command.argv],
    }),
  });
}
