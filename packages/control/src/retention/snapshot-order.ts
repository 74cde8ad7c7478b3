import { CodedError } from '@holdfast/kernel';
import { shown } from '../schedule/check-input.ts';
import type { RetentionSnapshot } from './retention-snapshot.ts';

/** From the oldest to the newest; of the same time, by ID. `invalid-argument` for an ID that comes twice. */
export function inOrder(snapshots: readonly RetentionSnapshot[]): readonly RetentionSnapshot[] {
  const ids = new Set<string>();
  for (const { id } of snapshots) {
    if (ids.has(id))
      throw new CodedError({
        code: 'invalid-argument',
        message: `The snapshot ${shown(id)} is there twice`,
        hint: 'Give each snapshot once.',
      });
    ids.add(id);
  }
  return snapshots.toSorted((a, b) => (isLater(a, b) ? 1 : -1));
}

/** Of the same time, the greater ID is the later. */
export function isLater(a: RetentionSnapshot, b: RetentionSnapshot): boolean {
  return a.timeMs === b.timeMs ? a.id > b.id : a.timeMs > b.timeMs;
}

/** Those after it, from the oldest to the newest. */
export function* laterThan(sorted: readonly RetentionSnapshot[], snapshot: RetentionSnapshot): Generator<RetentionSnapshot> {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isLater(sorted[middle] as RetentionSnapshot, snapshot)) high = middle;
    else low = middle + 1;
  }
  for (; low < sorted.length; low++) yield sorted[low] as RetentionSnapshot;
}
