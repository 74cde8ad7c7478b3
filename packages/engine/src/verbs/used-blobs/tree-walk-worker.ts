import { workerData } from 'node:worker_threads';
import { serveJobs } from '../../workers/serve-jobs.ts';
import { BlobOpener } from '../pack-io/blob-opener.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { readSharedRecord } from '../pack-io/shared-record.ts';
import { TreeMarker } from './tree-marker.ts';
import type { TreeWalkJob, TreeWalkResult, TreeWalkSetup } from './tree-walk-job.ts';

const { masterKey, table, marks } = workerData as TreeWalkSetup;
const opener = new BlobOpener(masterKey);
const marker = new TreeMarker(table, marks);

serveJobs<TreeWalkJob, TreeWalkResult>(({ bytes, startOffset, records }) => {
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
});
