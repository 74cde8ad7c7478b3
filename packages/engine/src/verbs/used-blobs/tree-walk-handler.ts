import type { Answer } from '../../workers/serve-jobs.ts';
import { BlobOpener } from '../pack-io/blob-opener.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { readSharedRecord } from '../pack-io/shared-record.ts';
import { TreeMarker } from './tree-marker.ts';
import type { TreeWalkJob, TreeWalkResult, TreeWalkSetup } from './tree-walk-job.ts';

/** Opens trees, marks what they refer to, and returns the trees met for the first time. One for each thread. */
export function treeWalkHandler({ masterKey, table, marks }: TreeWalkSetup): (job: TreeWalkJob) => Answer<TreeWalkResult> {
  const opener = new BlobOpener(masterKey);
  const marker = new TreeMarker(table, marks);
  return ({ bytes, startOffset, records }) => {
    for (const record of records) {
      const { id, offset, sealedBytes, uncompressedBytes } = readSharedRecord(table, record);
      const sealed = bytes.subarray(offset - startOffset, offset - startOffset + sealedBytes);
      try {
        marker.visit(record, opener.open(sealed, uncompressedBytes, id).content);
      } catch (error) {
        if (!isDamage(error)) throw error;
        marker.fault({ kind: 'unreadable', record, reason: error.message });
      }
    }
    const result = marker.take();
    return { result, transfer: [result.subtrees.buffer] };
  };
}
