import { type DiffStats, diff, findSubfolder, pathBytes, resolveSnapshot } from '@holdfast/engine';
import type { Command } from 'commander';
import { formatBytes } from '../format-bytes.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { pathText } from '../terminal-text.ts';

export const define: CommandModule['define'] = (command: Command, run) => {
  command
    .argument('<snapshot>', 'ID, latest or latest~n, with :path for a place inside')
    .argument('<other>', 'the later one')
    .option('--metadata', 'also tell changed metadata');
  run(async (context, [first = '', second = ''], flags: { readonly metadata?: boolean }) => {
    await using place = await openLocked(context, 'shared', { index: true });
    const { repository, signal } = place;
    const snapshots = await repository.snapshots({ signal });
    const [a, b] = [resolveSnapshot(snapshots, first), resolveSnapshot(snapshots, second)];
    const treeOf = ({ snapshot, subfolder }: typeof a): Promise<string> =>
      findSubfolder(repository, snapshot.tree, { subfolder: pathBytes(subfolder), signal });
    context.say(`comparing snapshot ${a.snapshot.id.slice(0, 8)} to ${b.snapshot.id.slice(0, 8)}:\n`);
    const report = await diff(repository, await treeOf(a), await treeOf(b), {
      metadata: flags.metadata ?? false,
      signal,
      onChange: ({ path, signs }) => {
        context.message({ message_type: 'change', path: path.toString(), modifier: signs });
        if (!context.json) context.print(`${signs.padEnd(4)} ${pathText(path)}`);
      },
      blobBytes: (type, id) => {
        const record = repository.index.findHex(type, id);
        if (record < 0) return 0;
        const { sealedBytes, uncompressedBytes } = repository.index.location(record);
        return uncompressedBytes > 0 ? uncompressedBytes : sealedBytes - 32;
      },
    });
    const json = (stats: DiffStats): Record<string, number> => ({
      files: stats.files,
      dirs: stats.dirs,
      others: stats.others,
      data_blobs: stats.dataBlobs,
      tree_blobs: stats.treeBlobs,
      bytes: stats.bytes,
    });
    context.message({
      message_type: 'statistics',
      source_snapshot: a.snapshot.id,
      target_snapshot: b.snapshot.id,
      changed_files: report.changedFiles,
      added: json(report.added),
      removed: json(report.removed),
    });
    const { added, removed } = report;
    context.say(`\nFiles:       ${added.files} new, ${removed.files} removed, ${report.changedFiles} changed`);
    context.say(`Dirs:        ${added.dirs} new, ${removed.dirs} removed`);
    context.say(`Others:      ${added.others} new, ${removed.others} removed`);
    context.say(`Data Blobs:  ${added.dataBlobs} new, ${removed.dataBlobs} removed`);
    context.say(`Tree Blobs:  ${added.treeBlobs} new, ${removed.treeBlobs} removed`);
    context.say(`  Added:   ${formatBytes(added.bytes)}\n  Removed: ${formatBytes(removed.bytes)}`);
  });
};
