import { byTime, groupSnapshots, matchesFilter, type NamedSnapshot, parseGroupBy } from '@holdfast/engine';
import type { Command } from 'commander';
import { formatBytes } from '../format-bytes.ts';
import { formatTable } from '../format-table.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { wholeNumber } from '../repository-flags.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';
import { snapshotJson } from '../snapshot-json.ts';
import { terminalText } from '../terminal-text.ts';

interface SnapshotsFlags extends SnapshotFlags {
  readonly compact?: boolean;
  readonly latest?: number;
  readonly groupBy: string;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command)
    .argument('[ids...]', 'only these')
    .option('-c, --compact', 'fewer columns')
    .option('--latest <n>', 'only the n latest of each group', wholeNumber(1, 2 ** 31))
    .option('-g, --group-by <group>', 'group by host, paths and tags', '');
  run(async (context, ids, flags: SnapshotsFlags) => {
    await using place = await openLocked(context, 'shared', { index: false });
    const filter = snapshotFilter(flags);
    const wanted = (await place.repository.snapshots({ signal: place.signal }))
      .filter((snapshot) => matchesFilter(snapshot, filter) && (ids.length === 0 || ids.some((id) => snapshot.id.startsWith(id))))
      .sort(byTime);
    const groupBy = parseGroupBy(flags.groupBy);
    const isGrouped = groupBy.host || groupBy.paths || groupBy.tags;
    const groups = groupSnapshots(wanted, groupBy).map(({ key, snapshots }) => ({
      key,
      snapshots: flags.latest === undefined ? snapshots : snapshots.slice(-flags.latest),
    }));
    if (context.json) {
      const lists = groups.map(({ key, snapshots }) => ({ group_key: key, snapshots: snapshots.map(snapshotJson) }));
      context.print(JSON.stringify(isGrouped ? lists : lists.flatMap(({ snapshots }) => snapshots)));
      return;
    }
    for (const { key, snapshots } of groups) {
      if (isGrouped) context.print(`snapshots for ${terminalText(JSON.stringify(key))}:`);
      context.print(snapshotTable(snapshots, flags.compact === true));
    }
    if (groups.length === 0) context.print('no snapshots');
  });
};

/** Snapshots for people. */
export function snapshotTable(snapshots: readonly NamedSnapshot[], compact: boolean): string {
  const head = ['ID', 'Time', 'Host', 'Tags', ...(compact ? [] : ['Paths', 'Size'])];
  const rows = snapshots.map(({ id, time, hostname, tags, paths, summary }) => [
    id.slice(0, 8),
    time.slice(0, 19).replace('T', ' '),
    terminalText(hostname),
    tags.map(terminalText).join('\n'),
    ...(compact ? [] : [paths.map(terminalText).join('\n'), summary === undefined ? '' : formatBytes(summary.totalBytesProcessed)]),
  ]);
  return formatTable(head, rows, `${snapshots.length} snapshots`);
}
