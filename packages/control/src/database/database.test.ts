import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import type { Database } from './database.ts';

async function set(database: Database, key: string, value: string): Promise<void> {
  await database.tables.insertInto('setting').values({ key, value }).execute();
}

async function keys(database: Database): Promise<string[]> {
  return (await database.tables.selectFrom('setting').select('key').orderBy('key').execute()).map(({ key }) => key);
}

withDatabases('the database', ({ kind, open }) => {
  test('a transaction is done as a whole or not at all', async () => {
    await using world = await open();
    const { database } = world;
    await database.transaction(async (tables) => {
      await tables.insertInto('setting').values({ key: 'a', value: '1' }).execute();
      await tables.insertInto('setting').values({ key: 'b', value: '2' }).execute();
    });
    const failing = database.transaction(async (tables) => {
      await tables.insertInto('setting').values({ key: 'c', value: '3' }).execute();
      throw new Error('and then it fails');
    });
    await assert.rejects(failing, /and then it fails/);
    assert.deepEqual(await keys(database), ['a', 'b']);
  });

  test('an error of a statement undoes the transaction, and the next one works', async () => {
    await using world = await open();
    const { database } = world;
    await set(database, 'a', '1');
    await assert.rejects(
      database.transaction(async (tables) => {
        await tables.insertInto('setting').values({ key: 'b', value: '2' }).execute();
        await tables.insertInto('setting').values({ key: 'a', value: '2' }).execute();
      }),
    );
    assert.deepEqual(await keys(database), ['a']);
    await database.transaction(async (tables) => await tables.insertInto('setting').values({ key: 'c', value: '1' }).execute());
    assert.deepEqual(await keys(database), ['a', 'c']);
  });

  test('transactions that would lose an update of each other wait or are tried again, within and between processes', async () => {
    await using world = await open();
    await using other = await world.openAgain();
    await set(world.database, 'counter', '0');
    const increment = async (database: Database): Promise<void> =>
      await database.transaction(async (tables) => {
        const { value } = await tables.selectFrom('setting').select('value').where('key', '=', 'counter').executeTakeFirstOrThrow();
        await new Promise((resolve) => setImmediate(resolve));
        await tables
          .updateTable('setting')
          .set({ value: String(Number(value) + 1) })
          .where('key', '=', 'counter')
          .execute();
      });
    await Promise.all(Array.from({ length: 30 }, (_, index) => increment(index % 2 === 0 ? world.database : other)));
    const { value } = await world.database.tables.selectFrom('setting').select('value').executeTakeFirstOrThrow();
    assert.equal(value, '30');
  });

  test('no write skew: of two transactions that each see room for one more, one is tried again and sees none', async () => {
    await using world = await open();
    const { database } = world;
    const claim = async (key: string): Promise<boolean> =>
      await database.transaction(async (tables) => {
        if ((await tables.selectFrom('setting').select('key').execute()).length > 0) return false;
        await new Promise((resolve) => setTimeout(resolve, 20));
        await tables.insertInto('setting').values({ key, value: '' }).execute();
        return true;
      });
    const claimed = await Promise.all(['a', 'b', 'c', 'd'].map(claim));
    assert.equal(claimed.filter(Boolean).length, 1, claimed.join());
  });

  test('numbers are numbers up to the largest whole one, counts and sums too', async () => {
    await using world = await open();
    const { database } = world;
    const row = { actor: 'a', verb: 'v', object: 'o', details: '', request_id: '' };
    await database.tables
      .insertInto('audit')
      .values([
        { id: '1', at_ms: Number.MAX_SAFE_INTEGER, ...row },
        { id: '2', at_ms: -1, ...row },
      ])
      .execute();
    const { rows } = await database.tables
      .selectFrom('audit')
      .select(({ fn }) => [fn.max('at_ms').as('max'), fn.countAll().as('count'), fn.sum('at_ms').as('sum')])
      .execute()
      .then((found) => ({ rows: found }));
    assert.deepEqual(
      rows.map((found) => ({ ...found })),
      [{ max: Number.MAX_SAFE_INTEGER, count: 2, sum: Number.MAX_SAFE_INTEGER - 1 }],
    );
  });

  test('how many rows a statement changed is told', async () => {
    await using world = await open();
    const { database } = world;
    await set(database, 'a', '1');
    await set(database, 'b', '1');
    const updated = await database.tables.updateTable('setting').set({ value: '2' }).executeTakeFirst();
    assert.equal(updated.numUpdatedRows, 2n);
    const deleted = await database.tables.deleteFrom('setting').where('key', '=', 'a').executeTakeFirst();
    assert.equal(deleted.numDeletedRows, 1n);
    const returned = await database.tables.updateTable('setting').set({ value: '3' }).returning('key').execute();
    assert.deepEqual(
      returned.map(({ key }) => key),
      ['b'],
    );
  });

  test('any text comes back as it was', async () => {
    await using world = await open();
    const value = `'"\\\n;-- 💾 ${'x'.repeat(100_000)}`;
    await set(world.database, 'text', value);
    assert.equal((await world.database.tables.selectFrom('setting').select('value').executeTakeFirstOrThrow()).value, value);
  });

  test('F12 a reference to a row that is not there is refused', async () => {
    await using world = await open();
    await assert.rejects(
      world.database.tables.insertInto('backup_destination').values({ backup_id: 'none', storage_server_id: 'none' }).execute(),
      /foreign key/i,
    );
  });

  if (kind === 'sqlite')
    test('a transaction that uses the database past its tables is refused instead of waiting for itself', async () => {
      await using world = await open();
      const { database } = world;
      await assert.rejects(
        database.transaction(async () => await keys(database)),
        (error) => CodedError.is(error, 'internal'),
      );
      assert.deepEqual(await keys(database), []);
    });
});
