import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { LookupJob, LookupResult } from '../../../../test/support/lookup-worker.ts';
import { syntheticId } from '../../../../test/support/synthetic-index.ts';
import { WorkerPool } from '../workers/worker-pool.ts';
import { BlobIndex } from './blob-index.ts';

const lookups = new URL('../../../../test/support/lookup-worker.ts', import.meta.url);

test('threads find what was there when they got the table, and read whole records, while the writer goes on adding', async () => {
  await using pool = new WorkerPool<LookupJob, LookupResult>(lookups, 2, undefined);
  const index = new BlobIndex();
  const pack = index.addPack('');
  const total = 120_000;
  const jobs: Promise<LookupResult>[] = [];
  for (let n = 0; n < total; n++) {
    if (n % 10_000 === 0) {
      jobs.push(pool.run({ table: index.share(), blobs: Math.min(n + 20_000, total), sure: n }));
      await setImmediate();
    }
    index.add('data', syntheticId(n), { pack, offset: n, sealedBytes: n + 1, uncompressedBytes: 0 });
  }
  jobs.push(pool.run({ table: index.share(), blobs: total, sure: total }));
  const results = await Promise.all(jobs);
  assert.deepEqual(
    results.flatMap(({ wrong }) => wrong),
    [],
  );
  assert.equal(results.at(-1)?.found, total);
});
