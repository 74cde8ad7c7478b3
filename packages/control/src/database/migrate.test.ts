import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { sql } from 'kysely';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import type { Database } from './database.ts';
import { migrate } from './migrate.ts';
import type { Migration } from './migration.ts';
import { allMigrations } from './migrations/all-migrations.ts';

const second: Migration = {
  name: '0002-second',
  up: async (tables) => void (await tables.schema.createTable('second').addColumn('id', 'text').execute()),
};
const first: Migration = {
  name: '0001-first',
  up: async (tables) => void (await tables.schema.createTable('first').addColumn('id', 'text').execute()),
};

async function tableNames({ tables }: Database): Promise<string[]> {
  return (await tables.introspection.getTables()).map(({ name }) => name).sort();
}

withDatabases('migrations', ({ openEmpty }) => {
  test('all that are due are done once, in order', async () => {
    await using world = await openEmpty();
    assert.deepEqual(
      await migrate(world.database, 1),
      allMigrations.map(({ name }) => name),
    );
    assert.deepEqual(await migrate(world.database, 2), []);
    const before = await tableNames(world.database);
    assert.ok(before.includes('run') && before.includes('audit'), before.join());
  });

  test('a newer program adds its own to what is there', async () => {
    await using world = await openEmpty();
    assert.deepEqual(await migrate(world.database, 1, [first]), ['0001-first']);
    assert.deepEqual(await migrate(world.database, 2, [first, second]), ['0002-second']);
    assert.deepEqual(await tableNames(world.database), ['first', 'migration', 'second']);
  });

  test('a database that a newer program wrote, or another one, is refused and left as it is', async () => {
    await using world = await openEmpty();
    await migrate(world.database, 1, [first, second]);
    const isNewer = (error: unknown): boolean => CodedError.is(error, 'database-newer') && /0002-second/.test(error.message);
    await assert.rejects(migrate(world.database, 2, [first]), isNewer);
    await assert.rejects(migrate(world.database, 2, [first, { ...second, name: '0002-other' }]), isNewer);
    assert.deepEqual(await tableNames(world.database), ['first', 'migration', 'second']);
  });

  test('one that fails leaves nothing of any', async () => {
    await using world = await openEmpty();
    const failing: Migration = {
      name: '0002-failing',
      up: async (tables) => {
        await tables.schema.createTable('half').addColumn('id', 'text').execute();
        await sql`select * from nowhere`.execute(tables);
      },
    };
    await assert.rejects(migrate(world.database, 1, [first, failing]), /nowhere/);
    assert.deepEqual(await tableNames(world.database), []);
    assert.deepEqual(await migrate(world.database, 1, [first, second]), ['0001-first', '0002-second']);
  });

  test('two servers that start at once do them once', async () => {
    await using world = await openEmpty();
    await using other = await world.openAgain();
    const done = await Promise.all([migrate(world.database, 1, [first]), migrate(other, 1, [first])]);
    assert.deepEqual(done.map(({ length }) => length).sort(), [0, 1]);
  });

  test('a kill in the middle leaves what was there before', async () => {
    await using world = await openEmpty();
    await migrate(world.database, 1, [first]);
    const child = fork(new URL('./migrate-and-die.ts', import.meta.url), [world.place]);
    const signal = await new Promise((resolve) => child.once('exit', (_, ending) => resolve(ending)));
    assert.equal(signal, 'SIGKILL');
    assert.deepEqual(await tableNames(world.database), ['first', 'migration']);
    assert.deepEqual(await migrate(world.database, 2, [first, second]), ['0002-second']);
  });
});
