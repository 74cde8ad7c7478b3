import { CodedError, forEachBounded } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';

/** What forgetting needs of a repository. */
export interface ForgetRepository {
  readonly storage: Storage;
  removeFile(type: 'snapshot', name: string, options?: CallOptions): Promise<void>;
}

export interface ForgetOptions {
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

export interface ForgetReport {
  /** IDs of the snapshots that are gone now, or would be. */
  readonly removed: readonly string[];
  readonly failures: readonly { readonly snapshotId: string; readonly error: CodedError }[];
}

/**
 * Removes snapshots, whichever a policy or a user chose; their data stay until a prune. One that cannot be removed does not keep the
 * others; one that is gone already counts as removed. The caller holds an exclusive lock.
 */
export async function forgetSnapshots(
  repository: ForgetRepository,
  snapshotIds: readonly string[],
  options: ForgetOptions = {},
): Promise<ForgetReport> {
  if (options.dryRun === true) return { removed: [...snapshotIds], failures: [] };
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const removed: string[] = [];
  const failures: { snapshotId: string; error: CodedError }[] = [];
  let done = 0;
  await forEachBounded(
    snapshotIds,
    repository.storage.properties.connections,
    async (snapshotId) => {
      try {
        await repository.removeFile('snapshot', snapshotId, call);
        removed.push(snapshotId);
      } catch (error) {
        if (!CodedError.is(error) || error.code === 'cancelled') throw error;
        if (error.code === 'storage-not-found') removed.push(snapshotId);
        else failures.push({ snapshotId, error });
      }
      options.onProgress?.({ done: ++done, total: snapshotIds.length });
    },
    options.signal,
  );
  return { removed, failures };
}
