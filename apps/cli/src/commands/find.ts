import { byTime, matchesFilter, PatternList, resolveSnapshot, walkSnapshot } from '@holdfast/engine';
import type { Command } from 'commander';
import { foundJson, nodeLine } from '../node-text.ts';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { collect } from '../repository-flags.ts';
import { usageError } from '../run-context.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';
import { pathText } from '../terminal-text.ts';

interface FindFlags extends SnapshotFlags {
  readonly ignoreCase?: boolean;
  readonly long?: boolean;
  readonly oldest?: string;
  readonly newest?: string;
  readonly snapshot?: string[];
  readonly blob?: boolean;
  readonly tree?: boolean;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command)
    .argument('<patterns...>', 'patterns for names or paths; with --blob or --tree IDs')
    .option('-i, --ignore-case', 'without regard to case')
    .option('-l, --long', 'with permissions, owner, size and time')
    .option('-O, --oldest <time>', 'changed at or after this time')
    .option('-N, --newest <time>', 'changed at or before this time')
    .option('-s, --snapshot <id>', 'only this snapshot (may be given again)', collect)
    .option('--blob', 'find files that hold a blob')
    .option('--tree', 'find directories of a tree');
  run(async (context, patterns, flags: FindFlags) => {
    await using place = await openLocked(context, 'shared', { index: true });
    const { repository, signal } = place;
    const all = await repository.snapshots({ signal });
    const filter = snapshotFilter(flags);
    const wanted =
      flags.snapshot?.map((id) => resolveSnapshot(all, id).snapshot) ?? all.filter((snapshot) => matchesFilter(snapshot, filter));
    const list = PatternList.parse(patterns, { caseInsensitive: flags.ignoreCase ?? false });
    const [oldest, newest] = [parseTime(flags.oldest), parseTime(flags.newest)];
    const byId = flags.blob === true || flags.tree === true;
    const json: unknown[] = [];
    for (const snapshot of [...wanted].sort(byTime)) {
      const matches: unknown[] = [];
      for await (const { path, node } of walkSnapshot(repository, snapshot.tree, { signal })) {
        const ids = [
          ...(flags.blob === true ? (node.content ?? []) : []),
          ...(flags.tree === true && node.subtree !== undefined ? [node.subtree] : []),
        ];
        const isWanted = byId ? ids.some((id) => patterns.some((pattern) => id.startsWith(pattern))) : matchesItself(list, path);
        if (!isWanted || (oldest !== undefined && node.mtimeNs < oldest) || (newest !== undefined && node.mtimeNs > newest)) continue;
        if (!context.json && matches.length === 0)
          context.say(`Found matching entries in snapshot ${snapshot.id.slice(0, 8)} from ${snapshot.time.slice(0, 19).replace('T', ' ')}`);
        matches.push(foundJson(path, node));
        if (!context.json) context.print(flags.long === true ? nodeLine(path, node) : pathText(path));
      }
      if (matches.length > 0) json.push({ matches, hits: matches.length, snapshot: snapshot.id });
    }
    if (context.json) context.print(JSON.stringify(json));
  });
};

/** The entry itself matches, not only a directory above it. */
function matchesItself(list: PatternList, path: Buffer): boolean {
  const parent = path.subarray(0, path.lastIndexOf('/'));
  return list.match(path).matched && !(parent.byteLength > 0 && list.match(parent).matched);
}

function parseTime(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  try {
    const plain = Temporal.PlainDateTime.from(text.replace(' ', 'T'));
    return plain.toZonedDateTime(Temporal.Now.timeZoneId()).epochNanoseconds;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw usageError(`${JSON.stringify(text)} is not a time`, 'Write it as 2006-01-02 or 2006-01-02 15:04:05.');
  }
}
