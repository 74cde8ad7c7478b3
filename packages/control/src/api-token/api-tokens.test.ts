import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { sql } from 'kysely';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { findToken } from './find-token.ts';

const { account } = control;
const dayMs = 86_400_000;

async function addUser({ database }: ControlWorld, id: string): Promise<void> {
  await sql`insert into "user" (id, name, email, email_verified, created_at, updated_at)
    values (${id}, ${id}, ${`${id}@example.org`}, 0, '', '')`.execute(database.tables);
}

const input = (userId: string) => ({ userId, name: 'script', scope: 'operate' as const, expiresInDays: 30 });

withDatabases('API tokens', ({ open }) => {
  test('one is shown once, kept as a hash, found by itself and by nothing near it', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    await addUser(world, 'anna');
    const { token, record } = await account.createToken(context, caller, input('anna'));
    assert.match(token, /^hf_[A-Za-z0-9_-]{43}$/);
    const rows = JSON.stringify(await context.database.tables.selectFrom('api_token').selectAll().execute());
    assert.ok(!rows.includes(token) && !rows.includes(token.slice(3)));
    clock.advance(1000);
    const found = await findToken(context, token);
    assert.deepEqual([found?.userId, found?.scope, found?.id], ['anna', 'operate', record.id]);
    for (const wrong of ['', 'hf_', token.slice(0, -1), `${token}x`, token.toLowerCase(), record.id])
      assert.equal(await findToken(context, wrong), undefined, wrong);
    const [listed] = await account.listTokens(context, caller, { userId: 'anna' });
    assert.deepEqual(listed, { ...record, lastUsedMs: record.createdMs + 1000 });
    const { items } = await control.overview.audit(context, caller, { limit: 10 });
    assert.ok(items.some(({ verb }) => verb === 'account.create-token') && !JSON.stringify(items).includes(token));
  });

  test('it ends with its time, or when its owner, and nobody else, revokes it', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    await addUser(world, 'anna');
    await addUser(world, 'bert');
    const one = await account.createToken(context, caller, input('anna'));
    const two = await account.createToken(context, caller, { ...input('anna'), expiresInDays: 1 });
    clock.advance(dayMs - 1);
    assert.ok(await findToken(context, two.token));
    clock.advance(1);
    assert.equal(await findToken(context, two.token), undefined);
    const byOther = account.deleteToken(context, caller, { id: one.record.id, userId: 'bert' });
    await assert.rejects(byOther, (error) => CodedError.is(error, 'not-found'));
    assert.ok(await findToken(context, one.token));
    await account.deleteToken(context, caller, { id: one.record.id, userId: 'anna' });
    assert.equal(await findToken(context, one.token), undefined);
  });

  test('F85 a token ends with its user', async () => {
    await using world = await open();
    const { context, caller } = world;
    await addUser(world, 'anna');
    const { token } = await account.createToken(context, caller, input('anna'));
    await sql`delete from "user" where id = 'anna'`.execute(context.database.tables);
    assert.equal(await findToken(context, token), undefined);
    await assert.rejects(account.createToken(context, caller, input('anna')), /foreign key/i);
  });
});
