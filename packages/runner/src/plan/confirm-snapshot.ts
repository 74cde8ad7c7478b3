import type { Repository } from '@holdfast/engine';
import { loadSnapshot } from '../vault/load-snapshot.ts';

/** What reading a snapshot back showed. */
export interface Confirmation {
  /** The snapshot file was read by its id, its hash was right, and its root tree was read and decoded. */
  readonly reopened: boolean;
  /** It names the tree that was stored. */
  readonly treeMatches: boolean;
}

/**
 * Reads a snapshot back from the storage, not from what the run remembers: the file of that id, verified against its name, and its root
 * tree from its pack. Throws what keeps it from being read.
 */
export async function confirmSnapshot(
  repository: Repository,
  snapshotId: string,
  tree: string,
  signal: AbortSignal,
): Promise<Confirmation> {
  const stored = await loadSnapshot(repository, snapshotId, signal);
  await repository.loadTree(stored.tree, { signal });
  return { reopened: true, treeMatches: stored.tree === tree };
}
