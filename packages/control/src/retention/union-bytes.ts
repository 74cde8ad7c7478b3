import type { RetentionSnapshot } from './retention-snapshot.ts';

/**
 * By how many bytes the storage grows as the snapshots are added in that order: for each, the stored size of what it has and none before it
 * has. So the first sums are the sizes of the unions, and one pass over the trees answers for every place where a cap may cut.
 */
export type UnionBytes = (order: readonly string[]) => readonly number[];

/** For snapshots that share nothing: archives, a file for each. */
export function fileBytes(snapshots: readonly RetentionSnapshot[]): UnionBytes {
  const bytesById = new Map(snapshots.map(({ id, bytes }) => [id, bytes]));
  return (order) => order.map((id) => bytesById.get(id) ?? Number.NaN);
}
