import { type TreeRepository, TreeWalk } from './used-blobs/tree-walk.ts';
import { usedBit } from './used-blobs/tree-walk-job.ts';

export interface UnionGrowthOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (progress: { readonly snapshotsDone: number; readonly snapshotsTotal: number }) => void;
}

const chunkRecords = 4096;

/**
 * For each of these root trees, in their order, the stored bytes of the blobs (trees too, seals included) that it reaches and none before it
 * does: what it adds to the union. The sums up to any of them are what `stats --mode raw-data` says of those snapshots. Each tree is walked
 * once, whichever snapshots share it. Damage ends it with an error: a figure that is not exact is no ground to remove anything on.
 * The index is loaded; the caller holds a lock (not exclusive).
 */
export async function unionGrowth(
  repository: TreeRepository,
  roots: readonly string[],
  options: UnionGrowthOptions = {},
): Promise<number[]> {
  await using walk = new TreeWalk(repository);
  const counter = new NewlyUsed(walk.marks);
  const growth: number[] = [];
  for (const root of roots) {
    options.onProgress?.({ snapshotsDone: growth.length, snapshotsTotal: roots.length });
    const treesBefore = walk.treesDone;
    await walk.mark([root], { signal: options.signal });
    const problem = walk.problems[0];
    if (problem !== undefined) throw problem.error;
    let bytes = 0;
    if (walk.treesDone > treesBefore) {
      counter.forEach((record) => {
        bytes += repository.index.sealedBytes(record);
      });
    }
    growth.push(bytes);
  }
  options.onProgress?.({ snapshotsDone: growth.length, snapshotsTotal: roots.length });
  return growth;
}

/** Tells the records whose mark was set since the last time. Stretches without news cost one comparison of memory. */
class NewlyUsed {
  readonly #marks: Buffer;
  readonly #seen: Buffer;

  constructor(marks: Uint8Array<SharedArrayBuffer>) {
    this.#marks = Buffer.from(marks.buffer, marks.byteOffset, marks.byteLength);
    this.#seen = Buffer.alloc(marks.byteLength);
  }

  forEach(tell: (record: number) => void): void {
    for (let start = 0; start < this.#marks.byteLength; start += chunkRecords) {
      const end = Math.min(start + chunkRecords, this.#marks.byteLength);
      if (this.#marks.compare(this.#seen, start, end, start, end) === 0) continue;
      for (let record = start; record < end; record++) {
        if (((this.#marks[record] as number) & usedBit) !== 0 && ((this.#seen[record] as number) & usedBit) === 0) tell(record);
      }
      this.#marks.copy(this.#seen, start, start, end);
    }
  }
}
