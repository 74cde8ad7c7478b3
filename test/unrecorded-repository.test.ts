import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { control } from '@holdfast/control';
import { Secret, systemClock, systemRandom } from '@holdfast/kernel';
import { VaultReader } from '@holdfast/runner';
import { openControl } from '../apps/server/src/start/open-control.ts';
import { LazyVaults } from '../apps/server/src/storage/lazy-vaults.ts';
import { type MadeRepository, makeRepository } from '../apps/server/src/storage/make-repository.ts';
import { password, startHttpServer } from './support/http-server.ts';

interface Place {
  readonly data: string;
  readonly options: { readonly driver: 'local'; readonly path: string };
}

function makePlace(t: TestContext): Place {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-unrecorded-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  mkdirSync(data);
  return { data, options: { driver: 'local', path: join(folder, 'storage') } };
}

/** A server that dies when it has made the repository and before it has recorded it. */
async function makeAndDie({ data, options }: Place, wish: { password?: string } = {}): Promise<MadeRepository> {
  await using context = await openControl({ dataDirectory: data, databaseUrl: undefined, environment: {} });
  await using vaults = new LazyVaults();
  const services = { control: context, vaults, clock: systemClock, random: systemRandom };
  return await makeRepository(services, { options, adopt: false, ...wish }, new AbortController().signal);
}

test('a repository that was made and never recorded is taken over by the next one who makes one there, with its password', async (t) => {
  const place = makePlace(t);
  {
    await using server = await startHttpServer({ dataDirectory: place.data });
    await server.client().account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  }
  const made = await makeAndDie(place);
  await using server = await startHttpServer({ dataDirectory: place.data });
  const client = server.client();
  await client.account.signIn({ email: 'ada@example.org', password });
  await assert.rejects(
    client.storageServers.create({ name: 'Disk', options: place.options, password: 'another one' }),
    /There is a repository at .* already/,
  );
  const disk = await client.storageServers.create({ name: 'Disk', options: { driver: 'local', path: `${place.options.path}/` } });
  assert.equal(disk.repositoryId, made.repositoryId);
  const key = await client.storageServers.recoveryKey({ id: disk.id });
  assert.equal(key.password, made.password.reveal());
  await using reader = new VaultReader();
  const signal = new AbortController().signal;
  assert.equal(await reader.adopt(place.options, new Secret(key.password), signal), disk.repositoryId);
  const { tables } = (await openSettings(place)).database;
  const left = await tables.selectFrom('setting').select('key').where('key', 'like', 'pending-%').execute();
  assert.deepEqual(left, [], 'its password stands with the storage server now, and nowhere else');

  async function openSettings({ data }: Place) {
    const opened = await openControl({ dataDirectory: data, databaseUrl: undefined, environment: {} });
    t.after(async () => await opened[Symbol.asyncDispose]());
    return opened;
  }
});

test('one that got no further than its key is made anew; a key that was there before is not touched', async (t) => {
  const place = makePlace(t);
  const made = await makeAndDie(place, { password: 'a password of my own' });
  rmSync(join(place.options.path, 'config'));
  const [key = ''] = readdirSync(join(place.options.path, 'keys'));
  const again = await makeAndDie(place);
  assert.notEqual(again.repositoryId, made.repositoryId);
  assert.ok(!readdirSync(join(place.options.path, 'keys')).includes(key));

  const foreign = makePlace(t);
  await makeAndDie({ ...foreign, data: makePlace(t).data });
  rmSync(join(foreign.options.path, 'config'));
  for (let tries = 0; tries < 2; tries++) await assert.rejects(makeAndDie(foreign), { code: 'repository-exists' });
  assert.equal(readdirSync(join(foreign.options.path, 'keys')).length, 1);
});

test('what was made is taken away again by whoever made it, unless another has taken it over meanwhile', async (t) => {
  const place = makePlace(t);
  await using context = await openControl({ dataDirectory: place.data, databaseUrl: undefined, environment: {} });
  await using vaults = new LazyVaults();
  const services = { control: context, vaults, clock: systemClock, random: systemRandom };
  const { signal } = new AbortController();
  const wish = { options: place.options, adopt: false };
  const first = await makeRepository(services, wish, signal);
  const second = await makeRepository(services, wish, signal);
  assert.equal(second.repositoryId, first.repositoryId);
  await first.undo();
  assert.ok(readdirSync(place.options.path).includes('config'));
  const found = await control.storageServers.findPending(context, place.options);
  assert.equal(found?.password.reveal(), first.password.reveal());
  const other = { options: { driver: 'local' as const, path: `${place.options.path}-2` }, adopt: false };
  const third = await makeRepository(services, other, signal);
  await third.undo();
  assert.ok(!readdirSync(other.options.path).includes('config'));
  assert.equal(await control.storageServers.findPending(context, other.options), undefined);
});
