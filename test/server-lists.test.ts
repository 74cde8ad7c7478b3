import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { api, apiPath } from '@holdfast/contract';
import { ChangeBus, loadMasterKey, migrate, openSqlite } from '@holdfast/control';
import { systemRandom } from '@holdfast/kernel';
import { fillManager } from '../bench/fill-manager.ts';
import { password, startHttpServer } from './support/http-server.ts';

const lists = [
  { path: '/overview', schema: api.overview.get['~orpc'].outputSchema },
  { path: '/backups', schema: api.backups.list['~orpc'].outputSchema },
  { path: '/runs?limit=200', schema: api.runs.list['~orpc'].outputSchema },
  { path: '/runs?limit=3', schema: api.runs.list['~orpc'].outputSchema },
  { path: '/snapshots?limit=200', schema: api.snapshots.list['~orpc'].outputSchema },
  { path: '/storage-servers', schema: api.storageServers.list['~orpc'].outputSchema },
];

test('lists that nobody compares with the contract before they are sent are what it says, with nothing besides', async () => {
  const data = await mkdtemp(join(tmpdir(), 'holdfast-lists-'));
  try {
    await fill(data);
    await using server = await startHttpServer({ dataDirectory: data, isWorker: false, checkLists: false });
    const client = server.client();
    await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
    for (const { path, schema } of lists) {
      const response = await server.call(`${apiPath}${path}`, { headers: { cookie: client.cookie } });
      assert.equal(response.status, 200, path);
      const answer: unknown = await response.json();
      assert.ok(JSON.stringify(answer).length > 500, path);
      // What the contract does not know would be left out, and what it lacks be refused.
      assert.deepEqual(schema?.parse(answer), answer, path);
    }
  } finally {
    await rm(data, { recursive: true, force: true });
  }
});

/** Some days of a few backups that ended in all ways. */
async function fill(dataDirectory: string): Promise<void> {
  await using database = await openSqlite(join(dataDirectory, 'holdfast.sqlite'));
  await migrate(database, 0);
  const sealer = await loadMasterKey({ database, dataDirectory, environment: {}, random: systemRandom });
  const context = { database, random: systemRandom, sealer, changes: new ChangeBus() };
  await fillManager(context, { backups: 12, reports: 240 }, Date.now());
}
