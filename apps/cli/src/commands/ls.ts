import { pathBytes, resolveSnapshot, walkSnapshot } from '@holdfast/engine';
import type { Command } from 'commander';
import { nodeJson, nodeLine } from '../node-text.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';
import { snapshotJson } from '../snapshot-json.ts';
import { pathText, terminalText } from '../terminal-text.ts';

interface LsFlags extends SnapshotFlags {
  readonly long?: boolean;
  readonly recursive?: boolean;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command)
    .argument('<snapshot[:path]>', 'ID, latest or latest~n')
    .argument('[folders...]', 'only what is directly in these folders')
    .option('-l, --long', 'with permissions, owner, size and time')
    .option('--recursive', 'with everything below the folders');
  run(async (context, [reference = '', ...folders], flags: LsFlags) => {
    await using place = await openLocked(context, 'shared', { index: true });
    const { snapshot, subfolder } = resolveSnapshot(
      await place.repository.snapshots({ signal: place.signal }),
      reference,
      snapshotFilter(flags),
    );
    context.message({ ...snapshotJson(snapshot), message_type: 'snapshot', struct_type: 'snapshot' });
    context.say(
      `snapshot ${snapshot.id.slice(0, 8)} of ${terminalText(JSON.stringify(snapshot.paths))} at ${snapshot.time} by ${terminalText(`${snapshot.username}@${snapshot.hostname}`)}:`,
    );
    const wanted = folders.map((folder) => pathBytes(folder.replace(/(?<=.)\/+$/, '')));
    for await (const { path, node } of walkSnapshot(place.repository, snapshot.tree, {
      subfolder: pathBytes(subfolder),
      signal: place.signal,
    })) {
      if (wanted.length > 0 && !wanted.some((folder) => isIn(path, folder, flags.recursive === true))) continue;
      if (context.json) context.message(nodeJson(path, node));
      else context.print(flags.long === true ? nodeLine(path, node) : pathText(path));
    }
  });
};

/** The folder itself, what is directly in it, or all below it. */
function isIn(path: Buffer, folder: Buffer, recursive: boolean): boolean {
  if (path.equals(folder)) return true;
  const prefix = folder.equals(Buffer.from('/')) ? folder : Buffer.concat([folder, Buffer.from('/')]);
  if (!path.subarray(0, prefix.byteLength).equals(prefix)) return false;
  return recursive || !path.subarray(prefix.byteLength).includes(0x2f);
}
