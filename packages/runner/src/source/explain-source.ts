import type { Command, Host } from '@holdfast/connect/port';
import type { ExplainedCommand, FilesSource } from '@holdfast/contract';
import { absolutePath, pathBytes } from '@holdfast/engine';
import { systemClock, systemRandom } from '@holdfast/kernel';
import { findVolumes } from '@holdfast/source/docker-volume';
import { FileSource, unpackFiles } from '@holdfast/source/files';
import { openLinks } from '../chain/open-links.ts';
import { makeDriver } from './make-driver.ts';
import { filesOfVolumes, volumeOptions } from './open-volumes.ts';
import type { ReachableSource } from './probe-source.ts';

export interface ExplainedSource {
  readonly backup: ExplainedCommand[];
  readonly restore: ExplainedCommand[];
}

/** The commands of a backup of the source and of a restore to it, as they pass each place. The chain is opened; of the commands none is run. */
export async function explainSource({ chain, source, password }: ReachableSource, signal: AbortSignal): Promise<ExplainedSource> {
  await using host = await openLinks(chain, { signal });
  if (source.driver === 'files') return await explainFiles(host, source, signal);
  if (source.driver === 'docker-volume')
    return await explainFiles(host, filesOfVolumes(source, await findVolumes(host, volumeOptions(source), { signal })), signal);
  const { pull, push } = makeDriver(source, password, { clock: systemClock, random: systemRandom }).explain(host);
  const stepsOf = ({ steps }: (typeof pull)[number]): ExplainedCommand => steps.map(({ place, line }) => ({ place, line }));
  return { backup: pull.map(stepsOf), restore: push.map(stepsOf) };
}

async function explainFiles(host: Host, source: FilesSource, signal: AbortSignal): Promise<ExplainedSource> {
  const { tools } = await FileSource.open(host, { signal });
  // By SFTP or by a container's engine no command is run.
  if (tools === undefined) return { backup: [], restore: [] };
  const paths = source.paths.map((path) => pathBytes(absolutePath(pathBytes(path))));
  const explained = async (use: (files: FileSource, on: Host) => Promise<unknown>): Promise<ExplainedCommand> => {
    const recorder = new Recorder(host);
    await use(FileSource.using(recorder, tools), recorder).catch((error: unknown) => {
      if (error !== recorder.stop) throw error;
    });
    return recorder.command;
  };
  const { oneFileSystem } = source;
  const listing = await explained(async (files) => await drain(files.list(paths, { oneFileSystem, signal })));
  const wanted = paths.map((path) => ({ ...anyFile, path }));
  const packing = await explained(async (files) => await drain(files.read(wanted, { signal })));
  const root = pathBytes('/');
  const unpacking = await explained(
    async (_files, on) => await unpackFiles(on, nothing(), { packing: tools.packing, target: root, signal }),
  );
  return { backup: [listing, packing], restore: [unpacking] };
}

/** A place at which nothing is run: it keeps what would have been. */
class Recorder implements Host {
  readonly stop = new Error('nothing is run');
  readonly description: string;
  command: ExplainedCommand = [];
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.description = host.description;
  }

  async exec(command: Command): Promise<never> {
    this.command = this.explain(command).steps.map(({ place, line }) => ({ place, line }));
    throw this.stop;
  }

  async dial(): Promise<never> {
    throw this.stop;
  }

  explain(command: Command): ReturnType<Host['explain']> {
    return this.#host.explain(command);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It owns nothing.
  }
}

const anyFile = {
  type: 'file',
  permissions: 0o600,
  uid: 0,
  gid: 0,
  user: '',
  group: '',
  sizeBytes: 1,
  mtimeNs: 0n,
  ctimeNs: 0n,
  inode: 0n,
  deviceId: 0n,
  links: 1,
  linkTarget: undefined,
  device: 0n,
} as const;

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  // An archive that is never read.
}
