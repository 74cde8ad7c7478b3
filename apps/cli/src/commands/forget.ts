import {
  applyPolicy,
  byTime,
  type ForgetPolicy,
  forgetSnapshots,
  groupSnapshots,
  isEmptyPolicy,
  matchesFilter,
  type NamedSnapshot,
  parseDuration,
  parseGroupBy,
  parseTagList,
  resolveSnapshot,
} from '@holdfast/engine';
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { type LockedRepository, openLocked } from '../open-repository.ts';
import type { CommandModule } from '../program.ts';
import { addPruneFlags, type PruneFlags, runPrune } from '../prune-flags.ts';
import { collect } from '../repository-flags.ts';
import { type RunContext, usageError } from '../run-context.ts';
import { type SnapshotFlags, snapshotFilter } from '../snapshot-flags.ts';
import { snapshotJson } from '../snapshot-json.ts';
import { terminalText } from '../terminal-text.ts';
import { snapshotTable } from './snapshots.ts';

interface ForgetFlags extends SnapshotFlags, PruneFlags {
  readonly keepLast?: number;
  readonly keepHourly?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
  readonly keepWithin?: string;
  readonly keepWithinHourly?: string;
  readonly keepWithinDaily?: string;
  readonly keepWithinWeekly?: string;
  readonly keepWithinMonthly?: string;
  readonly keepWithinYearly?: string;
  readonly keepTag?: string[];
  readonly groupBy: string;
  readonly compact?: boolean;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly unsafeAllowRemoveAll?: boolean;
}

export const define: CommandModule['define'] = (command: Command, run) => {
  const periods = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];
  command
    .argument('[ids...]', 'these snapshots, whatever the rules say')
    .option('-l, --keep-last <n>', 'keep the n latest snapshots', count);
  for (const period of periods)
    command.option(
      `-${period === 'monthly' ? 'm' : period[0]}, --keep-${period} <n>`.replace('-h, ', '-H, '),
      `keep the last of n ${period} periods`,
      count,
    );
  command.option('--keep-within <duration>', 'keep what is younger than this before the latest, like 1y5m7d2h');
  for (const period of periods)
    command.option(`--keep-within-${period} <duration>`, `keep one of each ${period} period within the duration`);
  command
    .option('--keep-tag <tags>', 'keep snapshots with all of these tags (may be given again)', collect)
    .option('--host <host>', 'only snapshots of this host (may be given again)', collect)
    .option('--tag <tags>', 'only snapshots with all of these tags (may be given again for others)', collect)
    .option('--path <path>', 'only snapshots of this path', collect)
    .option('-g, --group-by <group>', 'apply the rules to each group by host, paths and tags', 'host,paths')
    .option('-c, --compact', 'fewer columns')
    .option('-n, --dry-run', 'change nothing, say what would be')
    .option('--prune', 'prune afterwards if something was removed')
    .option('--unsafe-allow-remove-all', 'allow that nothing is kept');
  addPruneFlags(command);
  run(runForget);
};

async function runForget(context: RunContext, ids: string[], flags: ForgetFlags): Promise<void> {
  const policy = readPolicy(flags);
  if (ids.length > 0 && !isEmptyPolicy(policy))
    throw usageError('Snapshots named by ID are not subject to rules', 'Give IDs or keep rules.');
  await using place = await openLocked(context, 'exclusive', { index: false });
  const snapshots = await place.repository.snapshots({ signal: place.signal });
  const remove =
    ids.length > 0
      ? ids.map((id) => resolveSnapshot(snapshots, id).snapshot)
      : chooseByPolicy(context, snapshots, policy, flags, place.repository.clock.nowNs());
  const { removed, failures } = await forgetSnapshots(place.repository, [...new Set(remove.map(({ id }) => id))], {
    dryRun: flags.dryRun ?? false,
    signal: place.signal,
  });
  for (const { snapshotId, error } of failures) context.warn(`snapshot ${snapshotId.slice(0, 8)} could not be removed: ${error.message}`);
  if (failures.length > 0) context.exitCode = exitCodes.incomplete;
  context.say(flags.dryRun === true ? `${removed.length} snapshots would be removed` : `${removed.length} snapshots were removed`);
  if (flags.prune === true && removed.length > 0) await pruneAfter(context, place, flags, removed);
}

async function pruneAfter(context: RunContext, place: LockedRepository, flags: ForgetFlags, removed: readonly string[]): Promise<void> {
  const dryRun = flags.dryRun ?? false;
  await runPrune(context, place.repository, flags, {
    dryRun,
    signal: place.signal,
    ...(dryRun ? { withoutSnapshots: new Set(removed) } : {}),
  });
}

function chooseByPolicy(
  context: RunContext,
  snapshots: readonly NamedSnapshot[],
  policy: ForgetPolicy,
  flags: ForgetFlags,
  nowNs: bigint,
): NamedSnapshot[] {
  const filter = snapshotFilter(flags);
  const isFiltered = (filter.hosts?.length ?? 0) + (filter.tagLists?.length ?? 0) + (filter.paths?.length ?? 0) > 0;
  if (isEmptyPolicy(policy) && !(flags.unsafeAllowRemoveAll === true && isFiltered)) {
    throw usageError('No rule says what to keep', 'Use --keep-last, --keep-daily and the like, or name snapshots by their IDs.');
  }
  const remove: NamedSnapshot[] = [];
  const json: unknown[] = [];
  const chosen = snapshots.filter((snapshot) => matchesFilter(snapshot, filter)).sort(byTime);
  for (const { key, snapshots: group } of groupSnapshots(chosen, parseGroupBy(flags.groupBy))) {
    const result = applyPolicy(group, policy, nowNs);
    if (result.keep.length === 0 && flags.unsafeAllowRemoveAll !== true) {
      throw usageError(
        `The rules would keep no snapshot of ${JSON.stringify(key)}`,
        'Keep at least one, or use --unsafe-allow-remove-all.',
      );
    }
    context.say(`snapshots for ${terminalText(JSON.stringify(key))}:`);
    if (result.keep.length > 0) context.say(`keep ${result.keep.length} snapshots:\n${reasonTable(result.reasons)}`);
    if (result.remove.length > 0)
      context.say(`remove ${result.remove.length} snapshots:\n${snapshotTable([...result.remove].sort(byTime), flags.compact === true)}`);
    remove.push(...result.remove);
    const list = (of: readonly NamedSnapshot[]): unknown => (of.length === 0 ? null : of.map(snapshotJson));
    json.push({
      tags: key.tags,
      host: key.hostname,
      paths: key.paths,
      keep: list(result.keep),
      remove: list(result.remove),
      reasons: result.reasons.map(({ snapshot, matches }) => ({ snapshot: snapshotJson(snapshot), matches })),
    });
  }
  if (context.json) context.print(JSON.stringify(json));
  return remove;
}

function reasonTable(reasons: readonly { readonly snapshot: NamedSnapshot; readonly matches: readonly string[] }[]): string {
  return reasons
    .map(
      ({ snapshot, matches }) =>
        `  ${snapshot.id.slice(0, 8)}  ${snapshot.time.slice(0, 19).replace('T', ' ')}  ${terminalText(matches.join(', '))}`,
    )
    .join('\n');
}

function readPolicy(flags: ForgetFlags): ForgetPolicy {
  const duration = (text: string | undefined): ReturnType<typeof parseDuration> | undefined =>
    text === undefined ? undefined : parseDuration(text);
  return {
    last: flags.keepLast ?? 0,
    hourly: flags.keepHourly ?? 0,
    daily: flags.keepDaily ?? 0,
    weekly: flags.keepWeekly ?? 0,
    monthly: flags.keepMonthly ?? 0,
    yearly: flags.keepYearly ?? 0,
    within: duration(flags.keepWithin),
    withinHourly: duration(flags.keepWithinHourly),
    withinDaily: duration(flags.keepWithinDaily),
    withinWeekly: duration(flags.keepWithinWeekly),
    withinMonthly: duration(flags.keepWithinMonthly),
    withinYearly: duration(flags.keepWithinYearly),
    tagLists: (flags.keepTag ?? []).map(parseTagList),
  };
}

/** A count, or -1 or `unlimited` for all. */
function count(text: string): number {
  if (text === 'unlimited') return -1;
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= -1 && value <= 2 ** 31) return value;
  throw new InvalidArgumentError('It must be a whole number, or unlimited.');
}
