import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError, Secret, systemRandom } from '@holdfast/kernel';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import type { Database } from '../database/database.ts';
import { loadMasterKey } from './load-master-key.ts';
import type { MasterKeySealer } from './master-key-sealer.ts';

const place = { table: 'setting', id: 'x', column: 'value' };

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-key-'));
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true }) };
}

async function load(database: Database, dataDirectory: string, given?: string): Promise<MasterKeySealer> {
  return await loadMasterKey({ database, dataDirectory, environment: { HOLDFAST_MASTER_KEY: given }, random: systemRandom });
}

const wrongKey =
  (message: RegExp) =>
  (error: unknown): boolean =>
    CodedError.is(error, 'master-key-wrong') && message.test(error.message) && error.hint !== undefined;

withDatabases('the master key', ({ open }) => {
  test('the first start makes a key file that only its owner can read; the next ones use it', async () => {
    await using world = await open();
    await using directory = await folder();
    const sealed = (await load(world.database, directory.path)).seal(new Secret('tomato'), place);
    assert.deepEqual(await readdir(directory.path), ['master.key']);
    assert.equal((await stat(join(directory.path, 'master.key'))).mode & 0o777, 0o600);
    await chmod(join(directory.path, 'master.key'), 0o644);
    assert.equal((await load(world.database, directory.path)).open(sealed, place).reveal(), 'tomato');
    assert.equal((await stat(join(directory.path, 'master.key'))).mode & 0o777, 0o600);
  });

  test('F67 without its key the server does not start, names the key, and makes no new one', async () => {
    await using world = await open();
    await using directory = await folder();
    await load(world.database, directory.path);
    const file = join(directory.path, 'master.key');
    const text = await readFile(file, 'utf8');
    await rm(file);
    await assert.rejects(load(world.database, directory.path), wrongKey(/need the master key [0-9a-f]{16}, and there is none/));
    assert.deepEqual(await readdir(directory.path), []);
    await writeFile(file, text);
    await load(world.database, directory.path);
  });

  test('F67 also where the canary is gone, a sealed secret keeps a new key away', async () => {
    await using world = await open();
    await using directory = await folder();
    const password = (await load(world.database, directory.path)).seal(new Secret('tomato'), {
      table: 'storage_server',
      id: 'a',
      column: 'password',
    });
    const row = {
      id: 'a',
      name: 'a',
      options: '',
      password,
      repository_id: 'a',
      maintenance: '',
      created_ms: 0,
      recovery_key_taken_ms: null,
      status: '',
    };
    await world.database.tables.insertInto('storage_server').values(row).execute();
    await world.database.tables.deleteFrom('setting').execute();
    await rm(join(directory.path, 'master.key'));
    await assert.rejects(load(world.database, directory.path), wrongKey(/there is none/));
    assert.deepEqual(await readdir(directory.path), []);
  });

  test('F67 another key, by file or environment, is refused; the right one by environment comes before a file', async () => {
    await using world = await open();
    await using directory = await folder();
    await load(world.database, directory.path);
    const file = join(directory.path, 'master.key');
    const right = await readFile(file, 'utf8');
    const other = 'ab'.repeat(32);
    await assert.rejects(
      load(world.database, directory.path, other),
      wrongKey(/need the master key [0-9a-f]{16}, and this is [0-9a-f]{16}/),
    );
    await writeFile(file, other);
    await assert.rejects(load(world.database, directory.path), wrongKey(/and this is/));
    await load(world.database, directory.path, right);
    await writeFile(file, 'no key');
    await assert.rejects(load(world.database, directory.path), (error) => CodedError.is(error, 'invalid-argument'));
    assert.equal(await readFile(file, 'utf8'), 'no key');
  });

  test('two servers that start at once agree on one key, or one of them is refused', async () => {
    await using world = await open();
    await using directory = await folder();
    await using elsewhere = await folder();
    const [one, two] = await Promise.all([load(world.database, directory.path), load(world.database, directory.path)]);
    assert.equal(two.open(one.seal(new Secret('tomato'), place), place).reveal(), 'tomato');
    await assert.rejects(load(world.database, elsewhere.path), wrongKey(/there is none/));
  });
});
