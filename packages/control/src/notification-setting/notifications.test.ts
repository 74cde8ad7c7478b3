import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { readTelegramSetting } from '../notices/telegram-setting.ts';
import { writeNotice } from '../notices/write-notice.ts';
import { getSetting } from '../setting/get-setting.ts';
import { setSetting } from '../setting/set-setting.ts';
import { publicAddress } from '../setting/setting.ts';

const { notifications } = control;
const token = `123456789:${'Abc_-0'.repeat(6)}`;

withDatabases('notification settings', ({ open }) => {
  test('Telegram is set up, its token stays when none is given, and it opens at its place', async () => {
    await using world = await open();
    const { context, caller } = world;
    const nothing = { enabled: false, chat: null, hasToken: false, lastDeliveredMs: null, lastError: null };
    assert.deepEqual(await notifications.telegram(context, caller), nothing);
    await assert.rejects(
      notifications.setTelegram(context, caller, { enabled: true, chat: '42' }),
      (error) => CodedError.is(error, 'invalid-argument') && error.context['field'] === 'token',
    );
    await notifications.setTelegram(context, caller, { enabled: true, chat: '42', token });
    const settings = await notifications.setTelegram(context, caller, { enabled: false, chat: '@channel' });
    assert.deepEqual(settings, { ...nothing, chat: '@channel', hasToken: true });
    const stored = await readTelegramSetting(context.database.tables);
    const opened = context.sealer.open(String(stored?.token), { table: 'setting', id: 'telegram', column: 'token' });
    assert.equal(opened.reveal(), token);
  });

  test('what became of messages is told, the newest first', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    await notifications.setTelegram(context, caller, { enabled: true, chat: '42', token });
    const notice = {
      event: 'failed' as const,
      atMs: 1,
      timeZone: 'UTC',
      backupId: null,
      runId: null,
      runKind: null,
      destinations: [],
      files: null,
      bytes: null,
      addedBytes: null,
      durationMs: null,
      itemCount: 0,
      missedCount: 0,
      nextRunMs: null,
      error: null,
      link: null,
    };
    for (const title of ['One', 'Two']) {
      clock.advance(1000);
      await writeNotice(context, context.database.tables, { ...notice, title });
    }
    const [two, one] = await notifications.deliveries(context, caller);
    assert.deepEqual([two?.title, two?.state, one?.title, one?.attempts], ['Two', 'waiting', 'One', 0]);
    const { tables } = context.database;
    await tables
      .updateTable('notice')
      .set({ state: 'delivered', attempts: 1, delivered_ms: 7 })
      .where('id', '=', String(one?.id))
      .execute();
    await tables.updateTable('notice').set({ attempts: 1, error: 'The chat is gone' }).where('id', '=', String(two?.id)).execute();
    const { lastDeliveredMs, lastError } = await notifications.telegram(context, caller);
    assert.deepEqual([lastDeliveredMs, lastError], [7, 'The chat is gone']);
  });

  test('a setting has its fallback until it is set, and refuses what it may not hold', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { tables } = context.database;
    assert.equal(await getSetting(tables, publicAddress), null);
    await setSetting(context, caller, publicAddress, 'https://backup.example.org/');
    assert.equal(await getSetting(tables, publicAddress), 'https://backup.example.org');
    for (const wrong of ['backup.example.org', 'javascript:alert(1)', 'https://anna:secret@example.org', 7])
      await assert.rejects(setSetting(context, caller, publicAddress, wrong), (error) => CodedError.is(error, 'invalid-argument'));
    assert.equal(await getSetting(tables, publicAddress), 'https://backup.example.org');
  });
});
