import type { Snapshot } from '../../format/snapshot.ts';

/** A snapshot with the name of its file. */
export interface NamedSnapshot extends Snapshot {
  readonly id: string;
}

/** The ID that stays with a snapshot when it is copied or its tags change. */
export function persistentId(snapshot: NamedSnapshot): string {
  return snapshot.original ?? snapshot.id;
}

/** Whether two snapshots tell the same: everything but their IDs, their parents and what program wrote them. As restic compares them. */
export function isSameSnapshot(a: Snapshot, b: Snapshot): boolean {
  return (
    a.timeNs === b.timeNs &&
    a.tree === b.tree &&
    a.hostname === b.hostname &&
    a.username === b.username &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    hasSameMembers(a.paths, b.paths) &&
    hasSameMembers(a.tags, b.tags) &&
    a.excludes.length === b.excludes.length &&
    a.excludes.every((exclude, i) => exclude === b.excludes[i])
  );
}

function hasSameMembers(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && b.every((member) => a.includes(member));
}
