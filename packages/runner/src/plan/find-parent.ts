import { chooseParent, type NamedSnapshot } from '@holdfast/engine';

export interface ParentQuestion {
  readonly hostname: string;
  /** Absolute paths that are going to be stored. */
  readonly paths: readonly string[];
  /** Tags of the new snapshot; `backup=<id>` says of which backup it is. */
  readonly tags: readonly string[];
  readonly nowNs: bigint;
}

/**
 * The snapshot to compare with: the latest of the same backup on that host that has all of the paths, else the latest of the same backup,
 * else, as restic chooses, the latest of that host with all of the paths.
 */
export function findParent<T extends NamedSnapshot>(snapshots: readonly T[], question: ParentQuestion): T | undefined {
  const { hostname, paths, nowNs: timeNs } = question;
  const tags = question.tags.filter((tag) => tag.startsWith('backup='));
  const choose = (byPaths: boolean, byTags: boolean): T | undefined =>
    chooseParent(snapshots, { hostname, paths, tags, timeNs, groupBy: { host: true, paths: byPaths, tags: byTags } });
  if (tags.length === 0) return choose(true, false);
  return choose(true, true) ?? choose(false, true) ?? choose(true, false);
}
