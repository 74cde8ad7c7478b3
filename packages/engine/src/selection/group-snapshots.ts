import { CodedError } from '@holdfast/kernel';
import type { NamedSnapshot } from './snapshot-filter.ts';

/** By which of their properties snapshots are grouped. */
export interface GroupBy {
  readonly host: boolean;
  readonly paths: boolean;
  readonly tags: boolean;
}

/** What the snapshots of a group have in common; null where they were not grouped by it. */
export interface GroupKey {
  readonly hostname: string;
  readonly paths: readonly string[] | null;
  readonly tags: readonly string[] | null;
}

export interface SnapshotGroup<T extends NamedSnapshot> {
  readonly key: GroupKey;
  readonly snapshots: readonly T[];
}

/** `host,paths,tags` or any of them; empty for one group of all. */
export function parseGroupBy(text: string): GroupBy {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const unknown = words.find((word) => !/^(hosts?|paths?|tags?)$/.test(word));
  if (unknown !== undefined) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `Snapshots cannot be grouped by ${JSON.stringify(unknown)}`,
      hint: 'Group by host, paths and tags, or some of them: --group-by host,paths.',
    });
  }
  const has = (word: string): boolean => words.some((each) => each === word || each === `${word}s`);
  return { host: has('host'), paths: has('path'), tags: has('tag') };
}

/** The groups, ordered by their keys; the snapshots in the order given. */
export function groupSnapshots<T extends NamedSnapshot>(snapshots: readonly T[], by: GroupBy): SnapshotGroup<T>[] {
  const groups = new Map<string, { key: GroupKey; snapshots: T[] }>();
  for (const snapshot of snapshots) {
    const key: GroupKey = {
      hostname: by.host ? snapshot.hostname : '',
      paths: by.paths ? [...snapshot.paths].sort() : null,
      tags: by.tags ? [...snapshot.tags].sort() : null,
    };
    const text = JSON.stringify(key);
    const group = groups.get(text);
    if (group === undefined) groups.set(text, { key, snapshots: [snapshot] });
    else group.snapshots.push(snapshot);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
