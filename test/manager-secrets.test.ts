import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiPath, RetentionPolicy } from '@holdfast/contract';
import { systemClock } from '@holdfast/kernel';
import { FakeBotApi, failure } from '../packages/notify/src/testing/index.ts';
import { findCanary, writingsOf } from './support/canary.ts';
import { type HttpServer, startHttpServer } from './support/http-server.ts';

const chat = '-1001234567890';
const email = 'ada@example.org';

/** Arguments and environments of all processes of this machine, collected while something goes on. */
class ProcessWatch implements Disposable {
  readonly seen = new Map<string, Buffer>();
  readonly #timer = setInterval(() => this.#look(), 15);

  #look(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) {
        try {
          const bytes = readFileSync(`/proc/${pid}/${file}`);
          this.seen.set(`${pid} ${file} ${bytes.toString('latin1')}`, bytes);
        } catch {
          // It has ended, or is another user's.
        }
      }
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Status, headers but cookies, and the body; of a stream that does not end what comes first. */
async function answerText(response: Response): Promise<string> {
  const headers = [...response.headers].filter(([name]) => name !== 'set-cookie');
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  if (!isStream) return JSON.stringify([response.status, headers]) + (await response.text());
  let text = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  const stop = setTimeout(() => void reader?.cancel(), 300);
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) text += part.value;
  clearTimeout(stop);
  return JSON.stringify([response.status, headers]) + text;
}

interface Asked {
  readonly name: string;
  readonly text: string;
}

/** Calls each route that reads, with each id that there is in the place of an id. */
async function askEverything(server: HttpServer, cookie: string, ids: readonly string[]): Promise<Asked[]> {
  const document = (await (await server.call('/openapi.json')).json()) as { paths: Record<string, Record<string, unknown>> };
  const paths = Object.entries(document.paths).flatMap(([path, methods]) => (Object.hasOwn(methods, 'get') ? [path] : []));
  assert.ok(paths.length >= 20, `${paths.length}`);
  const places = paths.flatMap((path) => (path.includes('{') ? ids.map((id) => path.replace(/\{\w+\}/g, id)) : [path]));
  const asked: Asked[] = [];
  for (const place of [...places.map((each) => `${apiPath}${each}`), '/openapi.json', '/healthz', '/readyz', '/', '/nothing']) {
    const response = await server.call(place, { headers: { cookie } });
    asked.push({ name: `GET ${place} ${response.status}`, text: await answerText(response) });
  }
  return asked;
}

test('F78, F79 canary-secret: no secret is in an answer, a log, the data directory, arguments or an environment, while all goes well and while it does not', async (t) => {
  if (process.platform !== 'linux') return t.skip('needs /proc');
  const mark = (): string => randomBytes(8).toString('hex');
  const secrets = {
    account: `Canary-account ${mark()} /+&=%"ü`,
    storage: `Canary-storage ${mark()} /+&=%"'ß`,
    telegram: `987654321:Canary_${mark()}-${mark()}`,
  };
  const canaries = new Map(Object.entries(secrets).map(([name, secret]) => [name, writingsOf(secret)]));
  const telegramHalf = secrets.telegram.slice(10);
  canaries.set('the secret half of the telegram token', writingsOf(telegramHalf));
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [data, source, storage] = [join(folder, 'data'), join(folder, 'source'), join(folder, 'storage')];
  mkdirSync(source);
  for (let index = 0; index < 40; index++) writeFileSync(join(source, `${index}`), randomBytes(1_000_000));
  await using api = await FakeBotApi.start({ token: secrets.telegram, chats: { [chat]: { type: 'supergroup', title: 'Ops' } } });
  const log: string[] = [];
  const asked: Asked[] = [];
  {
    await using server = await startHttpServer({ dataDirectory: data, telegramApiRoot: api.root });
    const client = server.client();
    await client.account.setUp({ name: 'Ada', email, password: secrets.account });
    const made = await client.account.createToken({ name: 'script', scope: 'admin', expiresInDays: 1 });
    canaries.set('API token', writingsOf(made.token));
    canaries.set('API token without its mark', writingsOf(made.token.slice(3)));
    const masterKey = readFileSync(join(data, 'master.key'), 'utf8').trim();
    canaries.set('master key', [...writingsOf(masterKey), Buffer.from(masterKey, 'hex')]);
    const byToken = server.client({ authorization: `Bearer ${made.token}` });
    const disk = await byToken.storageServers.create({
      name: 'Disk',
      options: { driver: 'local', path: storage },
      password: secrets.storage,
    });
    await byToken.notifications.setTelegram({ enabled: true, chat, token: secrets.telegram });
    const backup = await byToken.backups.create({
      config: {
        name: 'Docs',
        source: { driver: 'files', paths: [source] },
        storageServerIds: [disk.id],
        schedule: null,
        timeZone: 'UTC',
        retention: RetentionPolicy.parse({}),
        retries: { times: 0, pauseMinutes: 1 },
        notifySuccess: true,
      },
    });
    const runIds: string[] = [];
    const finish = async (id: string): Promise<string | null> => {
      runIds.push(id);
      for (;;) {
        const { state, outcome } = await byToken.runs.get({ id });
        if (state === 'ended') return outcome;
        await systemClock.sleep(50);
      }
    };

    using watch = new ProcessWatch();
    assert.equal(await finish((await byToken.backups.run({ id: backup.id })).id), 'succeeded');
    assert.equal(
      await finish((await byToken.runs.startMaintenance({ kind: 'check', storageServerId: disk.id, readDataPercent: 100 })).id),
      'succeeded',
    );
    const [snapshot] = (await byToken.snapshots.list({ backupId: backup.id })).items;
    assert.ok(snapshot !== undefined);
    const restore = await byToken.runs.startRestore({ storedSnapshotId: snapshot.id, target: join(folder, 'restored') });
    assert.equal(await finish(restore.id), 'succeeded');
    // What goes wrong says more than what goes well.
    api.script.push(
      { kind: 'reset' },
      { kind: 'page', status: 502, body: `<html>${secrets.telegram}</html>` },
      { kind: 'answer', answer: failure(400, `Bad Request: no /bot${secrets.telegram}/sendMessage`) },
      { kind: 'answer', answer: failure(401, 'Unauthorized') },
    );
    for (let attempt = 0; attempt < 4; attempt++) {
      const { delivered, error } = await byToken.notifications.testTelegram({});
      asked.push({ name: 'a test message', text: `${delivered} ${error}` });
      assert.equal(delivered, false);
    }
    await byToken.backups.update({
      id: backup.id,
      version: backup.version,
      config: { ...backup.config, source: { driver: 'files', paths: [join(folder, 'not there')] } },
    });
    assert.equal(await finish((await byToken.backups.run({ id: backup.id })).id), 'failed');
    const wrong: readonly (readonly [method: string, path: string, body: unknown])[] = [
      ['POST', '/session', { email: 'eve@example.org', password: secrets.account }],
      ['POST', '/session', { email: secrets.account, password: secrets.account }],
      ['POST', `/session?password=${encodeURIComponent(secrets.account)}`, {}],
      ['POST', '/session', `{"password": "${secrets.telegram}`],
      ['POST', '/setup', { name: 'Eve', email, password: secrets.account, token: made.token }],
      ['POST', '/me/password', { current: secrets.account, next: 'short' }],
      ['PUT', '/notifications/telegram', { enabled: true, chat: 'nobody', token: secrets.telegram }],
      ['PUT', '/notifications/telegram', { enabled: true, chat, token: ` ${secrets.telegram}` }],
      ['POST', '/storage-servers', { name: 'Disk', options: { driver: 'local', path: storage }, password: secrets.storage }],
      ['POST', '/storage-servers', { name: 'Other', options: { driver: 'local', path: source }, password: secrets.storage, adopt: true }],
      ['POST', '/storage-servers', { name: 'Other', options: { driver: 's3' }, password: secrets.storage }],
    ];
    for (const [method, path, body] of wrong) {
      const headers = { cookie: client.cookie, 'content-type': 'application/json' };
      const response = await server.call(apiPath + path, { method, headers, body: typeof body === 'string' ? body : JSON.stringify(body) });
      assert.ok(response.status >= 400, `${method} ${path}`);
      asked.push({ name: `${method} ${path} ${response.status}`, text: await answerText(response) });
    }
    const stranger = await server.call(`${apiPath}/me`, { headers: { authorization: `Bearer ${made.token}x` } });
    asked.push({ name: 'a wrong token', text: await answerText(stranger) });

    const snapshots = (await byToken.snapshots.list({})).items.map(({ id }) => id);
    const ids = [disk.id, backup.id, made.record.id, ...runIds, ...snapshots];
    asked.push(...(await askEverything(server, client.cookie, ids)));
    asked.push({ name: 'refresh', text: JSON.stringify(await byToken.storageServers.refresh({ id: disk.id })) });
    asked.push({ name: 'storage test', text: JSON.stringify(await byToken.storageServers.test({ options: disk.options })) });
    // The one place that gives it out, to whom may have it.
    const key = await byToken.storageServers.recoveryKey({ id: disk.id });
    assert.ok(key.password === secrets.storage && key.text.includes(secrets.storage));
    asked.push(...(await askEverything(server, client.cookie, ids)));

    const processes = [...watch.seen.keys()];
    for (const [kind, what] of [
      ['cmdline', /child\.ts/],
      ['environ', /PATH=/],
    ] as const) {
      assert.ok(
        processes.some((text) => text.split(' ')[1] === kind && what.test(text)),
        `${kind} of a run was looked at`,
      );
    }
    for (const [name, bytes] of watch.seen) assert.equal(findCanary(bytes, canaries), undefined, name.slice(0, 500));
    // While it is open the last writes are in the files beside the database.
    for (const path of filesBelow(data)) lookInto(path);
    await server.running[Symbol.asyncDispose]();
    log.push(...server.log);
  }
  for (const path of [...filesBelow(data), ...filesBelow(storage)]) lookInto(path);
  assert.ok(log.length > 20);
  for (const line of log) assert.equal(findCanary(Buffer.from(line), canaries), undefined, line);
  assert.ok(asked.length > 100 && asked.some(({ name }) => name.endsWith(' 200')));
  for (const { name, text } of asked) assert.equal(findCanary(Buffer.from(text), canaries), undefined, `${name}: ${text.slice(0, 2_000)}`);
  for (const { text } of api.messages) assert.equal(findCanary(Buffer.from(text), canaries), undefined, text);

  function lookInto(path: string): void {
    if (path !== join(data, 'master.key')) assert.equal(findCanary(readFileSync(path), canaries), undefined, path);
  }
});

test('what looks for canaries finds them, however they are written', () => {
  const secret = 'Canary ü/+&="\'0123456789';
  const canaries = new Map([['it', writingsOf(secret)]]);
  const inside = `before ${secret} after`;
  const forms = [
    inside,
    Buffer.from(inside).toString('hex'),
    ...['', 'a', 'ab'].map((lead) => Buffer.from(lead + inside).toString('base64')),
    ...['', 'a', 'ab'].map((lead) => Buffer.from(lead + inside).toString('base64url')),
    `x=${encodeURIComponent(secret)}`,
    new URLSearchParams({ secret }).toString(),
    JSON.stringify({ secret }),
  ];
  for (const form of forms) assert.match(String(findCanary(Buffer.from(form), canaries)), /^it as /, form);
  assert.equal(findCanary(Buffer.from('before Canary after'), canaries), undefined);
});
