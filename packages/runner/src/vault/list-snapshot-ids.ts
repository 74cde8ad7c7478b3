import type { Repository } from '@holdfast/engine';

/** The ids of all snapshots, as the storage lists them now. */
export async function listSnapshotIds(repository: Pick<Repository, 'storage'>, signal: AbortSignal | undefined): Promise<string[]> {
  const files = await Array.fromAsync(repository.storage.list('snapshot', signal === undefined ? {} : { signal }));
  return files.map(({ name }) => name).sort();
}
