import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { seededRandom } from '@holdfast/storage/fault';
import { RepositoryFixture } from '../../../../../test/support/repository-fixture.ts';
import { BlobCarrier } from '../carry-blobs/carry-blobs.ts';
import { check, everyPack } from '../check/check.ts';
import type { PackCheckJob, PackCheckResult, PackCheckSetup } from '../check/pack-check-job.ts';
import { packCheckHandler } from '../check/pack-inspector.ts';
import { prune } from '../prune/prune.ts';
import { JobRunner } from './job-runner.ts';

test('jobs come out the same on the calling thread and in worker threads', async () => {
  const fixture = await RepositoryFixture.make();
  await fixture.snapshot({ one: ['content'], two: ['more content'] });
  const { masterKey, index } = fixture.repository;
  const entry = new URL('../check/pack-check-worker.ts', import.meta.url);
  const setup: PackCheckSetup = { masterKey, table: index.share() };
  await using jobs = new JobRunner<PackCheckSetup, PackCheckJob, PackCheckResult>({
    entry,
    handler: packCheckHandler,
    setup,
    inlineBytes: 10,
  });
  const [pack = ''] = fixture.namesOf('data');
  const records = Uint32Array.from(
    Array.from({ length: index.size }, (_, i) => i).filter((record) => index.packId(index.pack(record)) === pack),
  );
  const run = (damage: number, bytes: number): Promise<PackCheckResult> => {
    const content = new Uint8Array(fixture.memory.files.get(`data/${pack}`) ?? new Uint8Array(0));
    content[20] = (content[20] ?? 0) ^ damage;
    return jobs.run({ name: pack, bytes: content, records }, bytes, [content.buffer]);
  };
  const inline = [await run(0, 5), await run(1, 5)];
  const threaded = await Promise.all([run(0, 5), run(1, 5), run(0, 5)]);
  await jobs.rest();
  const rested = await run(1, 5);
  assert.deepEqual(inline[0], { faults: [], damaged: [] });
  assert.equal(inline[1]?.damaged.length, 1);
  assert.deepEqual(threaded, [inline[0], inline[1], inline[0]]);
  assert.deepEqual(rested, inline[1]);
});

test('check and prune of a repository that is large enough for threads', async () => {
  const fixture = await RepositoryFixture.make({ packSizeBytes: 4 << 20 });
  const random = seededRandom('large');
  const blobs = Array.from({ length: 60 }, () => random.bytes(500_000));
  const first = await fixture.snapshot({ all: blobs.slice(0, 40) }, 1);
  await fixture.snapshot(Object.fromEntries(blobs.slice(20).map((blob, i) => [`d${i % 7}/f${i}`, [blob]])), 2);
  fixture.memory.files.delete(`snapshot/${first}`);
  const before = await check(fixture.repository, { selectPacks: everyPack });
  assert.deepEqual([before.errorCount, before.counts.bytesRead > 24 << 20], [0, true]);
  const { figures } = await prune(fixture.repository, { maxUnusedBytes: () => 0, packSizeBytes: 4 << 20, smallPackBytes: 1 });
  assert.ok(figures.bytes.repack > 8 << 20);
  const after = await check(fixture.repository, { selectPacks: everyPack });
  assert.deepEqual([after.errorCount, after.counts.blobs], [0, figures.blobs.used]);
});

test('what goes wrong in the sink of carried blobs is not taken for damage of their source', async () => {
  const fixture = await RepositoryFixture.make();
  await fixture.snapshot({ one: ['content'] });
  const { masterKey, index } = fixture.repository;
  const error = new CodedError({ code: 'storage-io', message: 'the disk of the target is broken' });
  const coding = {
    sourceKey: masterKey,
    isSameKey: true,
    targetKey: masterKey,
    targetVersion: 2 as const,
    compressRawData: false,
    effort: 3,
  };
  await using carrier = new BlobCarrier({ storage: fixture.storage, index }, coding, { add: () => Promise.reject(error) });
  await assert.rejects(carrier.carry(Uint32Array.of(0)), (thrown) => thrown === error);
});
