import type { CallOptions, Host } from '@holdfast/connect/port';
import { CodedError } from '@holdfast/kernel';
import { runTool } from '../run-tool.ts';
import { type FailureReading, notThere } from '../source-errors.ts';
import { clientOf, type DockerVolumeOptions } from './docker-volume-options.ts';

/** A volume, and where its files lie on the host. */
export interface FoundVolume {
  readonly name: string;
  readonly path: string;
}

/**
 * Where the volumes lie on the host, in the order of the options. `source-not-found` names those that are not there; `tool-missing` without
 * the client; `source-unreachable` where its engine does not answer.
 */
export async function findVolumes(host: Host, options: DockerVolumeOptions, call: CallOptions = {}): Promise<readonly FoundVolume[]> {
  const { program, volumes, runAs } = options;
  const run = async (words: readonly string[]): Promise<string> => {
    const command = { argv: [...clientOf(options), ...words], user: runAs };
    const what = `Asking ${program} for its volumes`;
    return (await runTool(host, { command, program, what, read: readFailure, otherwise: 'source-unreachable' }, call)).stdout;
  };
  const there = new Set((await run(['volume', 'ls', '--quiet'])).split('\n'));
  const missing = volumes.filter((name) => !there.has(name));
  if (missing.length > 0) throw notThere('volume', missing, `on ${host.description}`);
  const paths = (await run(['volume', 'inspect', '--format', '{{.Mountpoint}}', ...volumes])).trimEnd().split('\n');
  return volumes.map((name, index) => {
    const path = paths[index] ?? '';
    if (paths.length === volumes.length && path.startsWith('/')) return { name, path };
    throw new CodedError({
      code: 'source-unreachable',
      message: `${program} on ${host.description} does not say where the volume ${name} lies`,
      hint: 'Only volumes that are directories of that host can be read.',
    });
  });
}

/** What the client says when its engine does not answer, or not to that account. */
export function readFailure(said: string): FailureReading | undefined {
  if (/permission denied/i.test(said))
    return {
      code: 'source-denied',
      hint: 'That account may not speak with the engine. Choose another one, or add it to the group docker.',
    };
  if (/cannot connect|connection refused|no such file or directory|is the docker daemon running/i.test(said))
    return {
      code: 'source-unreachable',
      hint: 'The engine does not answer there. See whether it runs, and where it listens.',
      again: true,
    };
  return undefined;
}
