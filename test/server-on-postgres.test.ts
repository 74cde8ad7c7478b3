import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { RetentionPolicy } from '@holdfast/contract';
import { password, startHttpServer } from './support/http-server.ts';
import { PostgresServer, whyNoPostgres } from './support/postgres.ts';

const program = resolve(import.meta.dirname, '../apps/cli/bin/holdfast.js');

test('a server without a worker and a worker elsewhere share a PostgreSQL: the server tells live what the worker does', {
  skip: whyNoPostgres() ?? false,
}, async () => {
  const postgres = new PostgresServer();
  await using database = await postgres.createDatabase();
  await using server = await startHttpServer({ databaseUrl: database.url, isWorker: false });
  const { folder } = server;
  mkdirSync(join(folder, 'source'));
  writeFileSync(join(folder, 'source', 'a.txt'), 'hello');
  const client = server.client();
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  const storage = await client.storageServers.create({ name: 'Disk', options: { driver: 'local', path: join(folder, 'storage') } });
  const backup = await client.backups.create({
    config: {
      name: 'Docs',
      source: { driver: 'files', paths: [join(folder, 'source')] },
      storageServerIds: [storage.id],
      schedule: null,
      timeZone: 'UTC',
      retention: RetentionPolicy.parse({}),
    },
  });
  const { id } = await client.backups.run({ id: backup.id });
  assert.equal((await client.runs.get({ id })).state, 'queued');
  const key = readFileSync(join(folder, 'data', 'master.key'), 'utf8').trim();
  const environment = {
    ...process.env,
    HOLDFAST_DATABASE_URL: database.url,
    HOLDFAST_MASTER_KEY: key,
    HOLDFAST_DATA: join(folder, 'worker'),
  };
  const worker = spawn(process.execPath, [program, 'worker'], { env: environment, stdio: 'ignore' });
  try {
    let events = 0;
    for await (const _ of await client.runs.events({ id })) events++;
    const run = await client.runs.get({ id });
    assert.equal(run.outcome, 'succeeded', JSON.stringify(run));
    assert.ok(events > 0);
    assert.match(run.worker ?? '', new RegExp(`/${worker.pid}-`));
  } finally {
    worker.kill('SIGTERM');
    if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  }
});
