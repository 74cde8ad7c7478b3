import { SnapshotId } from '@holdfast/contract';
import type { Repository } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';
import { z } from 'zod';

const SnapshotFile = z.object({ time: z.string(), tree: SnapshotId });

/** The tree of the snapshot of that id, and its time as it stands there; `snapshot-not-found` if the repository has none of that id. */
export async function loadSnapshot(
  repository: Pick<Repository, 'loadFile'>,
  snapshotId: string,
  signal: AbortSignal,
): Promise<{ readonly time: string; readonly tree: string }> {
  try {
    return SnapshotFile.parse(JSON.parse(Buffer.from(await repository.loadFile('snapshot', snapshotId, { signal })).toString()));
  } catch (cause) {
    if (!CodedError.is(cause, 'storage-not-found')) throw cause;
    throw new CodedError({
      code: 'snapshot-not-found',
      message: `The repository has no snapshot ${snapshotId.slice(0, 8)}`,
      hint: 'It was removed, by retention or by hand. Choose another one.',
      cause,
    });
  }
}
