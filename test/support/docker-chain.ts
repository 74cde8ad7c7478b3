import { readdirSync, readFileSync } from 'node:fs';
import { type DockerConnection, dockerConnector } from '@holdfast/connect/docker';
import { LocalHost } from '@holdfast/connect/local';
import type { Command, Host } from '@holdfast/connect/port';
import { type EndedCommand, type RunOptions, runToEnd } from '@holdfast/connect/run';
import type { DockerEngine } from '../services/dockerd.ts';

/** This machine as if it were another one: connectors cannot take the short way to it. */
export function elsewhere(): Host {
  const here = new LocalHost();
  return {
    description: 'elsewhere',
    exec: async (command, options) => await here.exec(command, options),
    dial: async (address, options) => await here.dial(address, options),
    explain: (command) => ({ steps: here.explain(command).steps.map(({ line }) => ({ place: 'elsewhere', line })) }),
    [Symbol.asyncDispose]: async () => await here[Symbol.asyncDispose](),
  };
}

/** Opens a link into a container of the engine for tests. */
export async function openContainer(
  engine: DockerEngine,
  container: DockerConnection['container'],
  options: { readonly via?: Host; readonly way?: 'engine' | 'client' } = {},
): Promise<Host> {
  const connect = dockerConnector({ container, engine: { kind: 'socket', path: engine.socket }, way: options.way ?? 'engine' });
  return await connect(options.via ?? new LocalHost());
}

export interface RunText {
  readonly exit: EndedCommand['exit'];
  readonly stdout: string;
  readonly stderr: string;
}

export async function runText(host: Host, argv: Command['argv'], options: RunOptions & Omit<Command, 'argv'> = {}): Promise<RunText> {
  const { environment, user, workingDirectory, ...rest } = options;
  const { exit, stdout, stderrTail } = await runToEnd(host, { argv, environment, user, workingDirectory }, rest);
  return { exit, stdout: new TextDecoder().decode(stdout), stderr: stderrTail };
}

/** The processes of this machine (and so of its containers) that have this text among their arguments. */
export function processesWith(text: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(text);
      } catch {
        return false; // it has ended meanwhile
      }
    })
    .map(Number);
}

export async function* blocks(count: number, block: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield block;
}
