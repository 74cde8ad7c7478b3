import { type BlobTable, findRecord, recordWords, segmentRecords, segmentShift } from '../../packages/engine/src/index/blob-table.ts';
import { serveJobs } from '../../packages/engine/src/workers/serve-jobs.ts';
import { syntheticId } from './synthetic-index.ts';

export interface LookupJob {
  readonly table: BlobTable;
  /** Blobs from 0 to here are asked for; the n-th has offset n and length n + 1. */
  readonly blobs: number;
  /** As many of them as are known for certain to be in the table. */
  readonly sure: number;
}

export interface LookupResult {
  readonly found: number;
  /** What was misread or not found although it was there. */
  readonly wrong: readonly string[];
}

serveJobs<LookupJob, LookupResult>(({ table, blobs, sure }) => {
  const wrong: string[] = [];
  let found = 0;
  for (let n = blobs - 1; n >= 0; n--) {
    const record = findRecord(table, new Uint32Array(new Uint8Array(syntheticId(n)).buffer), false);
    if (record < 0) {
      if (n < sure) wrong.push(`blob ${n} was not found`);
      continue;
    }
    found += 1;
    const segment = table.segments[record >>> segmentShift];
    const at = (record & (segmentRecords - 1)) * recordWords;
    const [offset, sealedBytes] = [segment?.[at + 9], segment?.[at + 10]];
    if (record !== n || offset !== n || sealedBytes !== n + 1) wrong.push(`blob ${n} was read as ${record}, ${offset}, ${sealedBytes}`);
  }
  return { result: { found, wrong } };
});
