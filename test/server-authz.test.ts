import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, startHttpServer } from './support/http-server.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
}

/** Every operation of the OpenAPI document, with something in the place of its parameters. */
function operations(document: { paths: Record<string, Record<string, unknown>> }): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path: `/api/v1${path.replace(/\{\w+\}/g, '0'.repeat(32))}` })),
  );
}

const open = ['GET /api/v1/setup', 'POST /api/v1/setup', 'POST /api/v1/session'];
const looksOnly = ['POST /api/v1/schedule-preview', 'POST /api/v1/backups/{id}/retention-preview'].map((name) =>
  name.replace('{id}', '0'.repeat(32)),
);

test('F74: every route is closed to strangers, and a token that may only read changes nothing', async () => {
  await using server = await startHttpServer();
  const json = { 'content-type': 'application/json' };
  const all = operations((await (await server.call('/openapi.json')).json()) as { paths: Record<string, Record<string, unknown>> });
  assert.ok(all.length >= 40, `${all.length}`);
  const client = server.client();
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  const tokens = new Map<string, string>();
  for (const scope of ['read', 'operate', 'admin'] as const) {
    tokens.set(scope, (await client.account.createToken({ name: scope, scope, expiresInDays: 1 })).token);
  }
  const asked = async ({ method, path }: Operation, headers: Record<string, string>): Promise<number> => {
    const init: RequestInit = { method, headers: { ...(method === 'GET' ? {} : json), ...headers }, signal: AbortSignal.timeout(20_000) };
    if (method !== 'GET') init.body = '{}';
    const response = await server.call(path, init);
    await response.body?.cancel();
    return response.status;
  };
  for (const operation of all) {
    const name = `${operation.method} ${operation.path}`;
    const isOpen = open.includes(name);
    const statuses = {
      none: await asked(operation, {}),
      wrong: await asked(operation, { authorization: `Bearer ${'x'.repeat(46)}` }),
      cookie: await asked(operation, { cookie: 'holdfast.session_token=forged.forged' }),
      read: await asked(operation, { authorization: `Bearer ${tokens.get('read')}` }),
      operate: await asked(operation, { authorization: `Bearer ${tokens.get('operate')}` }),
    };
    if (isOpen) continue;
    assert.deepEqual([statuses.none, statuses.wrong, statuses.cookie], [401, 401, 401], name);
    if (operation.method !== 'GET' && !looksOnly.includes(name)) assert.equal(statuses.read, 403, name);
    const configures =
      /^(POST|PUT|PATCH|DELETE) .*\/(backups|storage-servers|telegram|storage-tests)(\/0+)?(\/(clone|recovery-key|test))?$/.test(name);
    if (configures) assert.equal(statuses.operate, 403, name);
  }
  for (const path of ['/me/tokens', '/me/password', '/session']) {
    const method = path === '/session' ? 'DELETE' : 'POST';
    assert.equal(
      await asked({ method, path: `/api/v1${path}` }, { authorization: `Bearer ${tokens.get('admin')}` }),
      403,
      `a token at ${path}`,
    );
  }
  assert.equal(await asked({ method: 'GET', path: '/api/v1/download/guess' }, {}), 401);
  assert.equal(await asked({ method: 'GET', path: '/api/v1/anything/else' }, {}), 401);
  for (const path of ['/healthz', '/readyz']) assert.equal(await asked({ method: 'GET', path }, {}), 200);
});

test('other pages, other names, other forms and other origins are refused; headers tell browsers to be strict', async () => {
  await using server = await startHttpServer();
  const client = server.client();
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  const { cookie } = client;
  const change = async (headers: Record<string, string>, body = '{"name":"Eve"}'): Promise<number> =>
    (await server.call('/api/v1/me', { method: 'PATCH', headers: { cookie, 'content-type': 'application/json', ...headers }, body }))
      .status;
  assert.equal(await change({ origin: 'http://evil.example' }), 403);
  assert.equal(await change({ 'sec-fetch-site': 'cross-site' }), 403);
  assert.equal(await change({ 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }), 403);
  assert.equal(await change({ 'content-type': 'text/plain' }), 403);
  assert.equal((await client.account.me()).name, 'Ada');
  assert.equal(await change({ origin: server.url, 'sec-fetch-site': 'same-origin' }), 200);
  assert.equal((await client.account.me()).name, 'Eve');
  const page = await server.call('/');
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.deepEqual(
    ['x-content-type-options', 'referrer-policy', 'x-frame-options'].map((name) => page.headers.get(name)),
    ['nosniff', 'no-referrer', 'DENY'],
  );
  const setCookie = (
    await server.call('/api/v1/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'ada@example.org', password }),
    })
  ).headers.getSetCookie();
  for (const each of setCookie) assert.match(each, /HttpOnly; SameSite=Strict/i);
});

test('what a person wrote wrongly is named by its field; what went wrong inside is not told', async () => {
  await using server = await startHttpServer();
  const client = server.client();
  const answer = async (
    path: string,
    body: unknown,
  ): Promise<{ status: number; body: { data: { field: string | null; code: string } } }> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', cookie: client.cookie }, body: JSON.stringify(body) };
    const response = await server.call(`/api/v1${path}`, init);
    return { status: response.status, body: (await response.json()) as { data: { field: string | null; code: string } } };
  };
  const short = await answer('/setup', { name: 'Ada', email: 'ada@example.org', password: 'short' });
  assert.deepEqual([short.status, short.body.data.code, short.body.data.field], [400, 'invalid-argument', 'password']);
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  const config = {
    name: 'x',
    source: { driver: 'files', paths: ['relative'] },
    storageServerIds: ['0'.repeat(32)],
    schedule: null,
    timeZone: 'UTC',
    retention: {},
  };
  const wrong = await answer('/backups', { config });
  assert.deepEqual([wrong.status, wrong.body.data.field], [400, 'config.source.paths.0']);
  const again = await answer('/setup', { name: 'Eve', email: 'eve@example.org', password });
  assert.deepEqual([again.status, again.body.data.code], [409, 'already-set-up']);
});

test('F75: a server that others can reach asks for the token that it printed', async () => {
  await using server = await startHttpServer({ host: '0.0.0.0' });
  const token = server.running.setupToken?.reveal();
  assert.ok(token !== undefined);
  const client = server.client();
  assert.equal((await client.account.setupState()).needsToken, true);
  await assert.rejects(client.account.setUp({ name: 'Eve', email: 'eve@example.org', password }), /set-up token/);
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password, token });
  for (const line of server.log) assert.ok(!line.includes(token));
});

test('guessing a password is answered with 429 and how long to wait', async () => {
  await using server = await startHttpServer();
  await server.client().account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 7; attempt++) {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"email":"ada@example.org","password":"wrong"}',
    };
    const response = await server.call('/api/v1/session', init);
    statuses.push(response.status);
    if (response.status === 429) assert.ok(Number(response.headers.get('retry-after')) >= 1);
    await response.body?.cancel();
  }
  assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429]);
});
