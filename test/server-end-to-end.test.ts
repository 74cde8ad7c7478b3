import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ApiClient, RetentionPolicy, type RunDetails } from '@holdfast/contract';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { password, startHttpServer } from './support/http-server.ts';
import { needRestic } from './support/restic.ts';

/** Follows a run by its events to its end. */
async function follow(client: ApiClient, id: string): Promise<{ run: RunDetails; logLines: number; progress: number }> {
  let logLines = 0;
  let progress = 0;
  for await (const event of await client.runs.events({ id })) {
    if (event.type === 'log') logLines++;
    else progress++;
  }
  return { run: await client.runs.get({ id }), logLines, progress };
}

test('from nothing to a restored backup, over HTTP alone; restic opens what is left with the recovery key', async (context) => {
  await using server = await startHttpServer();
  const { folder } = server;
  const source = join(folder, 'source');
  for (let count = 0; count < 200; count++) {
    const directory = join(source, `d${count % 10}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `file ${count} ü.txt`), `content ${count}\n`.repeat(count * 10));
  }
  const client = server.client();
  assert.deepEqual(await client.account.setupState().then((state) => state.needsAdministrator), true);
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });

  const storage = await client.storageServers.create({ name: 'Disk', options: { driver: 'local', path: join(folder, 'storage') } });
  assert.equal(storage.status.reachable, true);
  const key = await client.storageServers.recoveryKey({ id: storage.id });
  assert.match(key.password, /^([0-9a-z]{4}-){12}[0-9a-z]{4}$/);
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
  assert.ok((backup.nextRunMs ?? 0) > Date.now());

  const { run, logLines } = await follow(client, (await client.backups.run({ id: backup.id })).id);
  assert.equal(run.outcome, 'succeeded', JSON.stringify(run));
  assert.ok(logLines > 0);
  assert.equal(run.report?.kind === 'backup' && run.report.files, 200);

  const { items } = await client.snapshots.list({ backupId: backup.id });
  const [snapshot] = items;
  assert.ok(snapshot !== undefined && items.length === 1);
  const top = await client.snapshots.entries({ id: snapshot.id, path: join(source, 'd3') });
  assert.equal(top.entries.length, 20);
  const file = top.entries[0];
  assert.ok(file !== undefined);
  const link = await client.snapshots.downloadLink({ id: snapshot.id, path: file.path });
  assert.equal(link.fileName, file.name);
  const download = await server.call(link.url, { headers: { cookie: client.cookie } });
  assert.equal(download.status, 200);
  assert.match(
    download.headers.get('content-disposition') ?? '',
    /^attachment; filename="file \d+ _.txt"; filename\*=UTF-8''file%20\d+%20%C3%BC.txt$/,
  );
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), readFileSync(file.path));
  assert.equal((await server.call(link.url, { headers: { cookie: client.cookie } })).status, 404, 'F74: good once');
  const directory = await client.snapshots.downloadLink({ id: snapshot.id, path: join(source, 'd3') });
  assert.equal(directory.fileName, 'd3.tar');
  assert.equal((await server.call(directory.url)).status, 401, 'F74: for whoever asked');
  const tar = await server.call(directory.url, { headers: { cookie: client.cookie } });
  assert.ok((await tar.arrayBuffer()).byteLength > 20 * 512);

  const target = join(folder, 'restored');
  const asked = { storedSnapshotId: snapshot.id, target };
  const restore = await follow(client, (await client.runs.startRestore(asked)).id);
  assert.equal(restore.run.outcome, 'succeeded', JSON.stringify(restore.run));
  const differences = compareTrees(Buffer.from(source), Buffer.from(join(target, source)));
  assert.equal(differences.length, 0, showDifferences(differences));

  const refreshed = await client.storageServers.refresh({ id: storage.id });
  assert.equal(refreshed.status.snapshots, 1);
  const verdicts = await client.backups.previewRetention({ id: backup.id, storageServerId: storage.id });
  assert.equal(verdicts[0]?.keep, true);
  const overview = await client.overview.get();
  assert.equal(overview.storageServers, 1);
  const audit = await client.overview.audit({});
  assert.ok(audit.items.some(({ verb }) => verb === 'account.set-up'));

  for (const line of server.log) assert.ok(!line.includes(password) && !line.includes(key.password), 'F78');
  const restic = needRestic(context);
  if (restic === undefined) return;
  const environment = { ...process.env, RESTIC_REPOSITORY: join(folder, 'storage'), RESTIC_PASSWORD: key.password };
  const ask = (...words: string[]): string => execFileSync(restic, ['--no-cache', ...words], { env: environment, encoding: 'utf8' });
  const [found] = JSON.parse(ask('snapshots', '--json')) as { id: string; paths: string[] }[];
  assert.deepEqual([found?.id, found?.paths], [snapshot.snapshotId, [source]]);
  ask('check', '--read-data');
});
