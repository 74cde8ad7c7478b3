import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ApiClient, Notice, RetentionPolicy } from '@holdfast/contract';
import { NoticePump, newId, openSqlite, writeNotice } from '@holdfast/control';
import { ManualClock, systemClock, systemRandom } from '@holdfast/kernel';
import { deliverByTelegram } from '../apps/server/src/notices/deliver-telegram.ts';
import { openControl } from '../apps/server/src/start/open-control.ts';
import { FakeBotApi, type FakeMessage, failure } from '../packages/notify/src/testing/index.ts';
import { type HttpServer, password, startHttpServer } from './support/http-server.ts';

const token = `123456789:${'Abc_-0'.repeat(6)}`;
const chat = '-1001234567890';
/** What people would see as markup, and a Bot API that parses it too, if it were not escaped. */
const hostileName = `</b><i>&amp; "Rot" & <a href='tg://user?id=1'>X</a> &#0;_*[`;
const minuteMs = 60_000;

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 1_200; tries++) {
    if (await holds()) return;
    await systemClock.sleep(50);
  }
  assert.fail(`it did not come to be: ${what}`);
}

/** Runs the backup to its end, and what follows from it. */
async function runBackup(client: ApiClient, id: string): Promise<string | null> {
  const run = await client.backups.run({ id });
  await until('the runs end', async () => {
    const { items } = await client.runs.list({ limit: 10 });
    return items.every(({ state }) => state === 'ended');
  });
  return (await client.runs.get({ id: run.id })).outcome;
}

function firstLine({ text }: FakeMessage): string {
  return text.split('\n')[0] ?? '';
}

/** A folder with a source, and options of a server that can be started there again and again. */
class Place implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'holdfast-telegram-'));
  readonly data = join(this.folder, 'data');
  readonly source = join(this.folder, 'source <i>&');
  readonly storage = join(this.folder, 'storage');

  constructor() {
    mkdirSync(this.source);
    writeFileSync(join(this.source, '<b>&amp;.txt'), 'hello');
  }

  async start(api: FakeBotApi): Promise<HttpServer> {
    return await startHttpServer({ dataDirectory: this.data, telegramApiRoot: api.root });
  }

  /** An account, a storage server and a backup whose schedule does not fire in the next hours. */
  async fill(client: ApiClient): Promise<{ id: string; withPaths: (paths: string[]) => Promise<void> }> {
    await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
    const server = await client.storageServers.create({ name: 'Disk <b>&', options: { driver: 'local', path: this.storage } });
    const now = Temporal.Now.zonedDateTimeISO('UTC');
    const config = (paths: string[]) => ({
      name: hostileName,
      source: { driver: 'files' as const, paths },
      storageServerIds: [server.id],
      schedule: { hours: [(now.hour + 12) % 24], minutes: [now.minute] },
      timeZone: 'UTC',
      retention: RetentionPolicy.parse({}),
      retries: { times: 0, pauseMinutes: 1 },
      notifySuccess: true,
    });
    const { id } = await client.backups.create({ config: config([this.source]) });
    const withPaths = async (paths: string[]): Promise<void> => {
      const { version } = await client.backups.get({ id });
      await client.backups.update({ id, version, config: config(paths) });
    };
    return { id, withPaths };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

test('F56: what happens to backups is told once by Telegram, whatever they are called, also across a restart; what is refused is seen', async () => {
  using place = new Place();
  const group = { type: 'supergroup' as const, title: 'Ops <b>' };
  await using api = await FakeBotApi.start({ token, chats: { [chat]: group } });
  const sent = (): number => api.calls.filter((call) => call === 'sendMessage').length;
  let id = '';
  {
    await using server = await place.start(api);
    const client = server.client();
    const backup = await place.fill(client);
    id = backup.id;

    await client.notifications.setTelegram({ enabled: true, chat: '-42', token });
    const refused = await client.notifications.testTelegram({});
    assert.equal(refused.delivered, false);
    assert.match(refused.error ?? '', /sees no chat -42/);
    const settings = await client.notifications.setTelegram({ enabled: true, chat });
    assert.deepEqual([settings.hasToken, settings.chat], [true, chat]);
    assert.deepEqual(await client.notifications.testTelegram({}), { delivered: true, error: null });

    assert.equal(await runBackup(client, id), 'succeeded');
    await backup.withPaths([place.source, join(place.folder, 'no <such> & "place"')]);
    assert.equal(await runBackup(client, id), 'partial');
    await backup.withPaths([place.source]);
    renameSync(place.storage, `${place.storage} away`);
    assert.equal(await runBackup(client, id), 'failed');
    renameSync(`${place.storage} away`, place.storage);
    assert.equal(await runBackup(client, id), 'succeeded');
    await until('all are told', () => api.messages.length === 5);
    const about = `Backup “${hostileName}”`;
    assert.deepEqual(api.messages.map(firstLine), [
      'ℹ️ Test message from Holdfast',
      `✅ ${about} succeeded`,
      `⚠️ ${about} ended with warnings`,
      `❌ ${about} failed`,
      `✅ ${about} works again`,
    ]);
    assert.match(api.messages[1]?.text ?? '', /Disk <b>&: stored and read back/);
    assert.match(api.messages[2]?.text ?? '', /no <such> & "place"|1 item has a problem/);
    assert.match(api.messages[3]?.text ?? '', /What to do: .+\n[\s\S]*Error code: repository-missing/);
    assert.equal(sent(), 6, 'each was accepted at once, but the one for the chat that is not there');

    api.script.push({ kind: 'answer', answer: failure(429, 'Too Many Requests: retry after 7', { retry_after: 7 }) });
    assert.equal(await runBackup(client, id), 'succeeded');
    await until('it was tried', () => sent() === 7);
    await until('that is noted', async () => (await client.notifications.deliveries())[0]?.error !== null);
    const [waiting] = await client.notifications.deliveries();
    assert.ok(waiting !== undefined && waiting.nextAttemptMs !== null);
    assert.deepEqual([waiting.state, waiting.attempts, waiting.event, waiting.title], ['waiting', 1, 'succeeded', hostileName]);
    assert.match(waiting.error ?? '', /asks for a pause of 7 s/);
    assert.ok(waiting.nextAttemptMs >= waiting.createdMs + 7_000);
    assert.match((await client.notifications.telegram()).lastError ?? '', /pause of 7 s/);
  }
  assert.equal(api.messages.length, 5);
  {
    // As if nobody had been there for thirteen hours.
    await using database = await openSqlite(join(place.data, 'holdfast.sqlite'));
    const untilMs = Date.now() - 13 * 60 * minuteMs;
    await database.tables.updateTable('backup').set({ scheduled_until_ms: untilMs }).where('id', '=', id).execute();
  }
  await using server = await place.start(api);
  const client = server.client();
  await client.account.signIn({ email: 'ada@example.org', password });
  await until('what waited, the miss and the run that makes up for it are told', () => api.messages.length >= 8);
  assert.deepEqual(api.messages.slice(5).map(firstLine).sort(), [
    `⚠️ Backup “${hostileName}” missed 1 run`,
    `✅ Backup “${hostileName}” succeeded`,
    `✅ Backup “${hostileName}” succeeded`,
  ]);
  const reports = api.messages.map(({ text }) => text);
  assert.equal(new Set(reports).size, 8, 'none is told twice');

  Object.assign(group, { refusal: failure(403, 'Forbidden: bot was blocked by the user') });
  assert.equal(await runBackup(client, id), 'succeeded');
  await until('it is given up', async () => (await client.notifications.deliveries())[0]?.state === 'failed');
  const deliveries = await client.notifications.deliveries();
  assert.match(deliveries[0]?.error ?? '', /has blocked the bot/);
  assert.equal((await client.notifications.telegram()).lastError, deliveries[0]?.error);
  assert.deepEqual(
    deliveries.map(({ state }) => state),
    ['failed', ...Array.from({ length: 7 }, () => 'delivered')],
  );
  assert.equal(api.messages.length, 8);
  for (const { error } of deliveries) assert.doesNotMatch(error ?? '', /form of the message/);
  for (const line of server.log) assert.ok(!line.includes(token.slice(10)), 'F78');
});

/** Texts that break what does not escape, cut or clean rightly. */
const hostileTexts: readonly string[] = [
  '<b>bold</b> & "quotes" \'single\'',
  '</code></pre><script>alert(1)</script>',
  '<a href="https://evil.example">click</a>',
  '&amp;&lt;&#60;&nbsp;&bogus;&',
  '*_[]()~`>#+-=|{}.!\\',
  '\u202egnp.exe \u2066x',
  'שלום עולם',
  '👩‍👩‍👧‍👦'.repeat(40),
  'half a pair: \ud800',
  'a\u0000b\r\nc\u2028d\u0085e',
  'x'.repeat(9_000),
  `${'<'.repeat(4_000)}${'&'.repeat(4_000)}`,
  ' ',
];

test('F56: after an hour of outage and many restarts each message arrives exactly once, at the pace that Telegram asks for', async () => {
  using place = new Place();
  const clock = new ManualClock(systemClock.nowNs());
  const chats = { [chat]: { type: 'supergroup' as const, title: 'Ops' } };
  await using api = await FakeBotApi.start({ token, chats, pauseMs: 3_000, clock });
  api.outage = { kind: 'reset' };
  {
    await using server = await place.start(api);
    const client = server.client();
    const { id } = await place.fill(client);
    await client.notifications.setTelegram({ enabled: true, chat, token });
    assert.equal(await runBackup(client, id), 'succeeded');
    await until('it was tried', async () => ((await client.notifications.deliveries())[0]?.attempts ?? 0) > 0);
  }
  /** What a server that has just started does, as time passes. */
  const work = async (stepMs: number, steps: number): Promise<number> => {
    await using control = await openControl({ dataDirectory: place.data, databaseUrl: undefined, environment: {} });
    const context = { ...control, clock };
    const delivery = { publicUrl: 'https://backup.example.org', apiRoot: api.root };
    const pump = new NoticePump(context, {
      senders: { telegram: async (notice, signal) => await deliverByTelegram(context, delivery, notice, signal) },
      onFault: (error) => {
        throw error;
      },
    });
    let tries = 0;
    for (let step = 0; step < steps; step++) {
      tries += await pump.drain();
      clock.advance(stepMs);
    }
    return tries;
  };
  clock.advance(Number((systemClock.nowNs() - clock.nowNs()) / 1_000_000n) + 1_000);
  const events = Notice.shape.event.options;
  const runIds: string[] = [];
  {
    await using control = await openControl({ dataDirectory: place.data, databaseUrl: undefined, environment: {} });
    const { tables } = control.database;
    const first = await tables.selectFrom('notice').select('body').executeTakeFirstOrThrow();
    const notice = Notice.parse(JSON.parse(first.body));
    runIds.push(String(notice.runId));
    for (const [index, text] of hostileTexts.entries()) {
      const runId = newId({ clock: systemClock, random: systemRandom });
      runIds.push(runId);
      const { id: _id, ...rest } = notice;
      await writeNotice({ clock, random: systemRandom }, tables, {
        ...rest,
        event: events[index % events.length] ?? 'failed',
        runId,
        title: text,
        destinations: [{ name: text, ok: index % 2 === 0, text }],
        error: { code: 'internal', message: text, hint: text, retry: 'permanent' },
      });
    }
  }
  let tries = 0;
  for (let part = 0; part < 6; part++) tries += await work(minuteMs, 10);
  assert.equal(api.messages.length, 0);
  assert.ok(tries > 4 * runIds.length && tries <= 12 * runIds.length, `${tries} tries in an hour`);

  api.outage = undefined;
  api.script.push({ kind: 'answer', answer: failure(429, 'Too Many Requests: retry after 600', { retry_after: 600 }) });
  const beforeMs = Number(clock.nowNs() / 1_000_000n);
  for (let part = 0; part < 24 && api.messages.length < runIds.length; part++) await work(10_000, 60);
  const first = api.messages[0];
  assert.ok(first !== undefined && first.atMs >= beforeMs + 600_000, 'the pause that was asked for is kept, by all of them');
  await work(minuteMs, 60);
  const links = runIds.map((runId) => `https://backup.example.org/reports/${runId}`);
  assert.deepEqual(
    links.map((link) => api.messages.filter(({ text }) => text.includes(link)).length),
    links.map(() => 1),
  );
  assert.equal(api.messages.length, runIds.length);
  await using server = await place.start(api);
  const client = server.client();
  await client.account.signIn({ email: 'ada@example.org', password });
  const deliveries = await client.notifications.deliveries();
  assert.deepEqual(new Set(deliveries.map(({ state }) => state)), new Set(['delivered']));
  assert.equal(deliveries.length, runIds.length);
});
