import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { S3Bucket, S3Options } from '@holdfast/connect/s3';
import { type ApiClient, RetentionPolicy, type RunDetails } from '@holdfast/contract';
import { storageCodes } from '@holdfast/storage/s3';
import { startRadosgw, whyNoRadosgw } from './services/radosgw.ts';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { FastRandom } from './support/fast-random.ts';
import { password, startHttpServer } from './support/http-server.ts';
import { needRestic } from './support/restic.ts';

async function ended(client: ApiClient, id: string): Promise<RunDetails> {
  for await (const _ of await client.runs.events({ id }));
  return await client.runs.get({ id });
}

test('a storage server in a bucket, over HTTP alone: tried, made, written to, read, its keys exchanged, and never shown', {
  skip: whyNoRadosgw() ?? false,
  timeout: 240_000,
}, async (context) => {
  await using s3 = await startRadosgw();
  const { accessKeyId, secretAccessKey, endpoint } = s3;
  await using bucket = new S3Bucket(S3Options.parse({ endpoint, bucket: 'managed', accessKeyId, secretAccessKey }), {
    codes: storageCodes,
  });
  await using server = await startHttpServer();
  const { folder } = server;
  const source = join(folder, 'source');
  mkdirSync(source);
  const random = new FastRandom(3);
  for (let number = 0; number < 40; number++) writeFileSync(join(source, `file ${number}`), random.bytes(number * 30_000));
  const client = server.client();
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });

  const options = { driver: 's3', endpoint, bucket: 'managed', prefix: 'one/repository', accessKeyId } as const;
  const secrets = { secretAccessKey };
  const tried = async (more: object, key: string | null = secretAccessKey): Promise<unknown> => {
    const given = key === null ? {} : { secrets: { secretAccessKey: key } };
    const { ok, holdsRepository, error } = await client.storageServers.test({ options: { ...options, ...more }, ...given });
    assert.ok(error === null || (error.hint !== null && !error.message.includes(secretAccessKey)));
    return [ok, holdsRepository, error?.code];
  };
  assert.deepEqual(await tried({}), [false, false, 'storage-not-found'], 'a bucket that is not there is not made');
  await bucket.create();
  assert.deepEqual(await tried({}), [true, false, undefined]);
  assert.deepEqual(await Array.fromAsync(bucket.list('')), [], 'trying leaves nothing');
  assert.deepEqual(await tried({}, 'wrong-key'), [false, false, 'storage-denied']);
  assert.deepEqual(await tried({}, null), [false, false, 'invalid-argument']);
  assert.deepEqual(await tried({ endpoint: 'http://127.0.0.1:1' }), [false, false, 'storage-unreachable']);
  await assert.rejects(client.storageServers.create({ name: 'Cloud', options }), { message: /secret key/ });

  const storage = await client.storageServers.create({ name: 'Cloud', options, secrets });
  assert.equal(storage.status.reachable, true);
  assert.ok(!JSON.stringify(storage).includes(secretAccessKey));
  assert.deepEqual(await tried({}), [true, true, undefined]);
  const kit = await client.storageServers.recoveryKey({ id: storage.id });
  const backup = await client.backups.create({
    config: {
      name: 'Documents',
      source: { driver: 'files', paths: [source] },
      storageServerIds: [storage.id],
      schedule: { hours: [3], minutes: [30] },
      timeZone: 'Europe/Berlin',
      retention: RetentionPolicy.parse({}),
    },
  });
  const stored = await ended(client, (await client.backups.run({ id: backup.id })).id);
  assert.equal(stored.outcome, 'succeeded', JSON.stringify(stored));
  const [snapshot] = (await client.snapshots.list({ backupId: backup.id })).items;
  assert.ok(snapshot !== undefined);
  const target = join(folder, 'restored');
  const restored = await ended(client, (await client.runs.startRestore({ storedSnapshotId: snapshot.id, target })).id);
  assert.equal(restored.outcome, 'succeeded', JSON.stringify(restored));
  assert.equal(showDifferences(compareTrees(Buffer.from(source), Buffer.from(join(target, source)))), '');

  await assert.rejects(client.storageServers.update({ id: storage.id, secrets: { secretAccessKey: 'wrong-key' } }));
  assert.equal((await client.storageServers.refresh({ id: storage.id })).status.reachable, true, 'wrong keys were not taken');
  const second = s3.addKey();
  const renewed = { accessKeyId: second.accessKeyId, secrets: { secretAccessKey: second.secretAccessKey } };
  await client.storageServers.update({
    id: storage.id,
    options: { ...options, accessKeyId: renewed.accessKeyId },
    secrets: renewed.secrets,
  });
  const refreshed = await client.storageServers.refresh({ id: storage.id });
  assert.deepEqual([refreshed.status.reachable, refreshed.status.snapshots, refreshed.status.freeBytes], [true, 1, null]);
  assert.ok((refreshed.status.usedBytes ?? 0) > 10 << 20);
  await assert.rejects(client.storageServers.create({ name: 'Again', options, secrets }), { message: /already/ });

  const shown = JSON.stringify([await client.storageServers.list(), (await client.overview.audit({})).items, server.log]);
  for (const key of [secretAccessKey, second.secretAccessKey]) assert.ok(!shown.includes(key), 'F78');
  const restic = needRestic(context);
  if (restic === undefined) return;
  const env = {
    ...process.env,
    RESTIC_REPOSITORY: `s3:${endpoint}/managed/one/repository`,
    RESTIC_PASSWORD: kit.password,
    AWS_ACCESS_KEY_ID: second.accessKeyId,
    AWS_SECRET_ACCESS_KEY: second.secretAccessKey,
  };
  assert.match(execFileSync(restic, ['--no-cache', 'check', '--read-data'], { env, encoding: 'utf8' }), /no errors were found/);
});
