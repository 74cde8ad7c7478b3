import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { password, startHttpServer } from './support/http-server.ts';

const program = resolve(import.meta.dirname, '../apps/cli/bin/holdfast.js');

async function run(words: readonly string[], environment: Readonly<Record<string, string>> = {}, input = '') {
  const child = spawn(process.execPath, [program, ...words], { env: { ...process.env, ...environment }, stdio: 'pipe' });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.stdin.end(input);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out, err };
}

test('serve says where it is, refuses a second one, ends in order; reset-password lets the owner of the machine back in', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-serve-'));
  const data = join(folder, 'data');
  try {
    const server = spawn(process.execPath, [program, 'serve', '--port', '0', '--data', data], { stdio: ['ignore', 'pipe', 'ignore'] });
    let out = '';
    server.stdout.setEncoding('utf8');
    for await (const text of server.stdout) {
      out += text as string;
      if (/ready at/.test(out)) break;
    }
    // Leaving the loop closed the pipe's reader: from here on only its end counts.
    const url = /ready at (http:\S+)/.exec(out)?.[1];
    assert.ok(url !== undefined, out);
    const body = JSON.stringify({ name: 'Ada', email: 'ada@example.org', password });
    const made = await fetch(`${url}/api/v1/setup`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    assert.equal(made.status, 200);
    const second = await run(['serve', '--port', '0', '--data', data]);
    assert.equal(second.code, 1);
    assert.match(second.err, new RegExp(`process ${server.pid}\\b`));
    const taken = await run(['serve', '--port', new URL(url).port, '--data', join(folder, 'other')]);
    assert.match(taken.err, /another program listens there[\s\S]*Hint: .*--port/);
    const reset = await run(['user', 'reset-password', 'ada@example.org', '--data', data], {}, 'another long password\n');
    assert.equal(reset.code, 0, reset.err);
    const again = JSON.stringify({ email: 'ada@example.org', password: 'another long password' });
    const signIn = await fetch(`${url}/api/v1/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: again });
    assert.equal(signIn.status, 200);
    server.kill('SIGTERM');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test('backup and restore work by an API token, and the exit code tells how it went', async () => {
  await using server = await startHttpServer();
  const { folder } = server;
  mkdirSync(join(folder, 'source'));
  writeFileSync(join(folder, 'source', 'a.txt'), 'hello');
  const client = server.client();
  await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
  await client.storageServers.create({ name: 'Disk', options: { driver: 'local', path: join(folder, 'storage') } });
  const { token } = await client.account.createToken({ name: 'cli', scope: 'admin', expiresInDays: 1 });
  const environment = { HOLDFAST_SERVER: server.url, HOLDFAST_TOKEN: token };
  const created = await run(['backup', 'create', '--name', 'Docs', '--path', join(folder, 'source'), '--storage', 'Disk'], environment);
  assert.equal(created.code, 0, created.err);
  const ran = await run(['backup', 'run', 'Docs'], environment);
  assert.equal(ran.code, 0, ran.err + ran.out);
  assert.match(ran.out, /succeeded/);
  const listed = await run(['backup', 'list', '--json'], environment);
  assert.equal((JSON.parse(listed.out) as { snapshots: number }).snapshots, 1);
  assert.match((await run(['backup', 'status', 'Docs'], environment)).out, /Last run: +\S+ succeeded/);
  const target = join(folder, 'restored');
  const restored = await run(['restore', 'Docs', '--target', target], environment);
  assert.equal(restored.code, 0, restored.err + restored.out);
  assert.equal(readFileSync(join(target, folder, 'source', 'a.txt'), 'utf8'), 'hello');
  const wrong = await run(['backup', 'list'], { ...environment, HOLDFAST_TOKEN: 'hf_wrong' });
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /Sign in first/);
  const nobody = await run(['backup', 'list'], { ...environment, HOLDFAST_SERVER: 'http://127.0.0.1:9' });
  assert.match(nobody.err, /No Holdfast answers[\s\S]*Hint:/);
});
