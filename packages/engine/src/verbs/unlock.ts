import { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';

/** A lock as far as unlocking looks at it; `isStale` is undefined when the file cannot be read. */
export interface LockState {
  readonly name: string;
  readonly isStale: boolean | undefined;
}

/** Removes stale locks, or every lock with `all`; returns how many are gone. Needs no lock, and never removes a readable live one unasked. */
export async function unlock(storage: Storage, locks: readonly LockState[], all: boolean, options: CallOptions = {}): Promise<number> {
  let removed = 0;
  for (const { name, isStale } of locks) {
    if (!all && isStale !== true) continue;
    try {
      await storage.remove({ type: 'lock', name }, options);
      removed += 1;
    } catch (error) {
      if (!CodedError.is(error, 'storage-not-found')) throw error;
    }
  }
  return removed;
}
