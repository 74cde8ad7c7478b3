import type { GroupBy } from './group-snapshots.ts';
import { byTime, type NamedSnapshot } from './snapshot-filter.ts';

export interface ParentWanted {
  readonly hostname: string;
  /** Absolute paths of the targets. */
  readonly paths: readonly string[];
  readonly tags: readonly string[];
  /** Time of the new snapshot: a parent is not newer. */
  readonly timeNs: bigint;
  readonly groupBy: GroupBy;
}

/** The snapshot that a new one is compared with: the latest of the same host that holds all of the targets (as `groupBy` says), not newer than it. */
export function chooseParent<T extends NamedSnapshot>(snapshots: readonly T[], wanted: ParentWanted): T | undefined {
  const { groupBy } = wanted;
  return snapshots
    .filter((snapshot) => snapshot.timeNs <= wanted.timeNs)
    .filter((snapshot) => !groupBy.host || snapshot.hostname === wanted.hostname)
    .filter((snapshot) => !groupBy.paths || wanted.paths.every((path) => snapshot.paths.includes(path)))
    .filter((snapshot) => !groupBy.tags || wanted.tags.every((tag) => snapshot.tags.includes(tag)))
    .sort(byTime)
    .at(-1);
}
