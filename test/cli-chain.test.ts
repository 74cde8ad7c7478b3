import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SshServer, whyNoSshd } from './services/sshd.ts';
import { type Outcome, type RunOptions, runCommand } from './support/program.ts';
import { privateDirectories, useOwnTemporaryFolder } from './support/ssh-chain.ts';

useOwnTemporaryFolder();
const skip = whyNoSshd();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-chain-'));
const stack = new AsyncDisposableStack();
let servers: readonly SshServer[] = [];

before(async () => {
  if (skip !== undefined) return;
  servers = await Promise.all([SshServer.start(), SshServer.start()]);
  for (const server of servers) stack.use(server);
  for (const [index, server] of servers.entries()) writeFileSync(join(folder, `key-${index}`), server.clientKey, { mode: 0o600 });
});
after(async () => {
  await stack.disposeAsync();
  rmSync(folder, { recursive: true });
});

function linkTo(index: number, changes: Record<string, unknown> = {}): unknown {
  const server = servers[index];
  assert.ok(server !== undefined);
  return {
    ssh: { host: '127.0.0.1', port: server.port, user: server.user, hostKeys: [server.hostKey], keyFile: `key-${index}`, ...changes },
  };
}

function chainFile(...chain: readonly unknown[]): string {
  const file = join(folder, 'chain.json');
  writeFileSync(file, JSON.stringify({ chain }));
  return file;
}

const chain = async (verb: string, file: string, words: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> =>
  await runCommand(['chain', verb, '--chain', file, ...words], options);

test('holdfast chain exec passes input, output, words and exit code through two hops', { skip }, async () => {
  const file = chainFile(linkTo(0), linkTo(1));
  const script = 'cat; printf "<%s>" "$@"; echo problem >&2; exit 42';
  const done = await chain('exec', file, ['--', 'sh', '-c', script, 'sh', "it's", '--chain', ''], { input: 'input ' });
  assert.deepEqual([done.code, done.stdout, done.stderr], [42, "input <it's><--chain><>", 'problem\n']);
  const killed = await chain('exec', file, ['-n', '--', 'sh', '-c', 'kill -KILL $$']);
  assert.equal(killed.code, 137);
  assert.deepEqual(privateDirectories(), []);
});

test('holdfast chain exec ends the far command when it is interrupted', { skip }, async () => {
  const done = await chain('exec', chainFile(linkTo(0)), ['-n', '--', 'sh', '-c', 'echo started; sleep 300; true'], {
    onStart: (child) => child.stdout?.once('data', () => child.kill('SIGINT')),
  });
  assert.deepEqual([done.code, done.stdout], [130, 'started\n'], done.stderr);
  assert.deepEqual(
    servers[0]?.commands().filter(({ line }) => line.includes('sleep 300')),
    [],
  );
  assert.deepEqual(privateDirectories(), []);
});

test('holdfast chain test says how far a chain gets, and what to do', { skip }, async () => {
  const good = await chain('test', chainFile(linkTo(0), linkTo(1)));
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /^reached ssh .* in \d+ ms\nreached ssh .* → ssh .* in \d+ ms\nit works: Linux /);
  const wrong = await chain('test', chainFile(linkTo(0), linkTo(1, { keyFile: 'key-0' })), ['--json']);
  assert.equal(wrong.code, 1);
  const verdict = JSON.parse(wrong.stdout) as { works: boolean; failed: { position: number; code: string } };
  assert.deepEqual([verdict.works, verdict.failed.position, verdict.failed.code], [false, 2, 'link-denied']);
  const unknown = await chain('test', chainFile(linkTo(0, { hostKeys: [] })));
  assert.match(unknown.stderr, /Link 1 of 1: .* shows SHA256:\S+ .*\[host-key-unknown\]\nHint: Compare/);
});

test('holdfast chain explain shows what would run, and runs nothing', { skip }, async () => {
  const target = join(folder, 'made');
  const done = await chain('explain', chainFile(linkTo(0)), ['--', 'touch', target]);
  assert.equal(done.code, 0, done.stderr);
  assert.match(done.stdout, new RegExp(`exec touch ${target}\\n$`));
  assert.equal((await chain('exec', chainFile(), ['-n', '--', 'test', '-e', target])).code, 1, 'a chain without links is this machine');
});

test('what is wrong with the file of a chain is named with its field', async () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [{ chain: [{ ssh: { host: 'h', user: 'u', port: 'x' } }] }, /chain\[0\]\.ssh\.port: /],
    [{ chain: [{ ssh: { host: 'h', user: 'u', passwort: 'x' } }] }, /chain\[0\]\.ssh: .*passwort/],
    [{ chain: [{ docker: { container: '' } }] }, /chain\[0\]\.docker\.container/],
    [{ chain: [{ telnet: {} }] }, /chain\[0\]/],
    [{ chain: {} }, /chain: /],
    [{}, /chain: /],
    [{ chain: [{ ssh: { host: 'h', user: 'u' } }] }, /Link 1 .*nothing to sign in with/],
    [{ chain: [{ ssh: { host: '-oX', user: 'u', agent: false, keyFile: 'key' } }] }, /Link 1 .*-oX/],
    [{ chain: [{ ssh: { host: 'h', user: 'u', keyFile: 'no-such-key' } }] }, /Link 1 .*no-such-key.*ENOENT/],
    [{ chain: [{ ssh: { host: 'h', user: 'u', keyFile: 'key', hostKeys: ['x'] } }] }, /Link 1 .*is not a host key/],
  ];
  writeFileSync(join(folder, 'key'), 'x');
  for (const [content, expected] of wrong) {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, JSON.stringify(content));
    const done = await chain('test', file);
    assert.equal(done.code, 1);
    assert.match(done.stderr, expected);
  }
});
