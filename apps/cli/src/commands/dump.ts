import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { dump, pathBytes, resolveSnapshot } from '@holdfast/engine';
import type { Command } from 'commander';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { usageError } from '../run-context.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';

interface DumpFlags extends SnapshotFlags {
  readonly archive: string;
  readonly target?: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command)
    .argument('<snapshot[:path]>', 'ID, latest or latest~n')
    .argument('<file>', 'path of the file or directory in the snapshot')
    .option('-a, --archive <format>', 'format for directories: tar', 'tar')
    .option('-t, --target <file>', 'write to this file instead of standard output');
  run(async (context, [reference = '', path = ''], flags: DumpFlags) => {
    if (flags.archive !== 'tar')
      throw usageError(`--archive: ${JSON.stringify(flags.archive)} is not known`, 'Directories are written as tar.');
    await using place = await openLocked(context, 'shared', { index: true });
    const { repository, signal } = place;
    const { snapshot, subfolder } = resolveSnapshot(await repository.snapshots({ signal }), reference, snapshotFilter(flags));
    const inside = [subfolder, path].map((part) => part.replace(/^\/+|\/+$/g, '')).filter((part) => part !== '');
    const { content } = await dump(repository, { tree: snapshot.tree, path: pathBytes(inside.join('/')), signal });
    const sink = flags.target === undefined ? process.stdout : createWriteStream(flags.target);
    await pipeline(Readable.from(content, { objectMode: false }), sink, { signal, end: flags.target !== undefined });
  });
};
