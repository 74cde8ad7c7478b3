import { CodedError } from '@holdfast/kernel';
import type { RetentionEntry, RetentionPlan } from './retention-plan.ts';

/**
 * Removes the oldest of what the plan keeps until the rest fits its cap; what is newest, pinned or future stays, also where it alone is too
 * much, and so does the last one of all. `growthBytes` answers `plan.cap.order` as `UnionBytes` does. A plan without a cap comes back as it
 * is; `invalid-argument` for an answer that does not fit the question: nothing is removed by a size in doubt.
 */
export function applyCap(plan: RetentionPlan, growthBytes: readonly number[]): RetentionPlan {
  if (plan.cap === null) return plan;
  const { capBytes, order, protectedCount } = plan.cap;
  checkGrowth(growthBytes, order);
  let keptBytes = growthBytes.reduce((sum, bytes) => sum + bytes, 0);
  let count = order.length;
  for (; count > protectedCount && keptBytes > capBytes; count--) keptBytes -= growthBytes[count - 1] ?? 0;
  const removed = new Set(order.slice(count));
  const entries = plan.entries.map(
    (entry): RetentionEntry => (removed.has(entry.id) ? { id: entry.id, keep: false, rule: 'cap', until: null } : entry),
  );
  return { entries, cap: null };
}

function checkGrowth(growthBytes: readonly number[], order: readonly string[]): void {
  const wrong = growthBytes.findIndex((bytes) => !Number.isSafeInteger(bytes) || bytes < 0);
  const sum = growthBytes.reduce((total, bytes) => total + bytes, 0);
  if (growthBytes.length === order.length && wrong < 0 && Number.isSafeInteger(sum)) return;
  throw new CodedError({
    code: 'invalid-argument',
    message:
      wrong < 0
        ? `${growthBytes.length} sizes that sum up to ${sum} bytes are no answer for ${order.length} snapshots`
        : `${growthBytes[wrong]} is no size in bytes of the snapshot ${order[wrong]}`,
    hint: 'Measure again. Nothing was removed.',
  });
}
