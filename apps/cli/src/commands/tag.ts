import { changeTags, matchesFilter, parseTagList, resolveSnapshot } from '@holdfast/engine';
import type { Command } from 'commander';
import { openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { collect } from '../repository-flags.ts';
import { usageError } from '../run-context.ts';
import { addSnapshotFlags, type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';

interface TagFlags extends SnapshotFlags {
  readonly set?: string[];
  readonly add?: string[];
  readonly remove?: string[];
}

export const define: CommandModule['define'] = (command: Command, run) => {
  addSnapshotFlags(command)
    .argument('[ids...]', 'only these snapshots')
    .option('--set <tags>', 'replace all tags by these, separated by commas', collect)
    .option('--add <tags>', 'add tags', collect)
    .option('--remove <tags>', 'remove tags', collect);
  run(async (context, ids, flags: TagFlags) => {
    const list = (values: readonly string[] | undefined): string[] => (values ?? []).flatMap(parseTagList);
    if (flags.set === undefined && flags.add === undefined && flags.remove === undefined)
      throw usageError('Nothing to change was given', 'Use --set, --add or --remove.');
    if (flags.set !== undefined && (flags.add !== undefined || flags.remove !== undefined))
      throw usageError('--set excludes --add and --remove', 'Give one or the other.');
    await using place = await openLocked(context, 'exclusive', { index: false });
    const all = await place.repository.snapshots({ signal: place.signal });
    const filter = snapshotFilter(flags);
    const wanted =
      ids.length > 0
        ? ids.map((id) => resolveSnapshot(all, id, filter).snapshot)
        : all.filter((snapshot) => matchesFilter(snapshot, filter));
    const change = { set: flags.set === undefined ? undefined : list(flags.set), add: list(flags.add), remove: list(flags.remove) };
    let changed = 0;
    for (const snapshot of wanted) {
      const id = await changeTags(place.repository, snapshot, change, { signal: place.signal });
      if (id === undefined) continue;
      changed += 1;
      context.message({ message_type: 'changed', old_snapshot_id: snapshot.id, new_snapshot_id: id });
      context.say(`snapshot ${snapshot.id.slice(0, 8)} is now ${id.slice(0, 8)}`, 2);
    }
    context.message({ message_type: 'summary', changed_snapshots: changed });
    context.say(changed === 0 ? 'no snapshots were changed' : `changed the tags of ${changed} snapshots`);
  });
};
