import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CodedError, type ErrorCode, Secret, systemClock } from '@holdfast/kernel';
import { runProgram } from '../../../../test/services/run-program.ts';
import { makeKey, SshServer, signal, whyNoSshd } from '../../../../test/services/sshd.ts';
import { connectionTo, connectorTo, privateDirectories, processesWith, useOwnTemporaryFolder } from '../../../../test/support/ssh-chain.ts';
import { LocalHost } from '../local-host.ts';
import { openChain } from '../open-chain.ts';
import type { Connector } from '../port.ts';
import { runToEnd } from '../run-to-end.ts';
import { testChain } from '../test-chain.ts';
import { fingerprint, parseHostKey } from './host-key.ts';
import { scanHostKey } from './scan-host-key.ts';
import { sshConnector } from './ssh-connector.ts';

useOwnTemporaryFolder();
const skip = whyNoSshd();
const local = new LocalHost();
const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
after(() => {
  rmSync(folder, { recursive: true });
  assert.deepEqual(privateDirectories(), []);
});

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const keyText = (name: string): string => readFileSync(join(folder, name), 'utf8');
const publicKey = (name: string): string => keyText(`${name}.pub`).trim();

async function works(...connectors: readonly Connector[]): Promise<void> {
  await using host = await openChain(local, connectors);
  assert.equal(text((await runToEnd(host, { argv: ['echo', 'here'] })).stdout), 'here\n');
}

/** The chain does not open, with that code, at that link; returns the error. */
async function fails(code: ErrorCode, position: number, ...connectors: readonly Connector[]): Promise<CodedError> {
  try {
    await using host = await openChain(local, connectors);
    assert.fail(`${host.description} opened`);
  } catch (error) {
    assert.ok(CodedError.is(error), String(error));
    assert.deepEqual([error.code, error.context['position']], [code, position], error.message);
    assert.match(error.message, new RegExp(`^Link ${position} of ${connectors.length}: `));
    assert.ok(error.hint !== undefined);
    return error;
  }
}

test('a key that the account does not know is link-denied', { skip }, async () => {
  makeKey(join(folder, 'stranger'), 'ed25519');
  await using server = await SshServer.start();
  const error = await fails('link-denied', 1, connectorTo(server, { credentials: { privateKey: new Secret(keyText('stranger')) } }));
  assert.match(error.message, /does not accept the credentials \(.*Permission denied \(publickey\)/);
  assert.equal(error.retry, 'permanent');
  assert.doesNotMatch(error.message, /holdfast-/, 'the host is called by its name');
});

test('F76 hostkey-swap: no host is spoken with that shows no pinned key; the error has both fingerprints', { skip }, async () => {
  await using server = await SshServer.start();
  const shown = fingerprint(parseHostKey(server.hostKey));
  for (const type of ['ed25519', 'ecdsa'] as const) {
    makeKey(join(folder, `other-${type}`), type);
    const other = parseHostKey(publicKey(`other-${type}`));
    const error = await fails('host-key-changed', 1, connectorTo(server, { hostKeys: [other] }));
    assert.deepEqual([error.context['shown'], error.context['pinned']], [shown, fingerprint(other)]);
    assert.ok(error.message.includes(shown) && error.message.includes(fingerprint(other)));
  }
  assert.doesNotMatch(server.log, /Accepted/);
});

test('F76 hostkey-swap: also behind another hop', { skip }, async () => {
  await using first = await SshServer.start();
  await using second = await SshServer.start();
  const wrong = parseHostKey(first.hostKey);
  const error = await fails('host-key-changed', 2, connectorTo(first), connectorTo(second, { hostKeys: [wrong] }));
  assert.equal(error.context['shown'], fingerprint(parseHostKey(second.hostKey)));
});

test('F76 on first use the key is shown, not trusted; what scanHostKey sees is what gets pinned', { skip }, async () => {
  await using first = await SshServer.start();
  await using second = await SshServer.start({ hostKeyType: 'ecdsa' });
  const unknown = await fails('host-key-unknown', 1, connectorTo(first, { hostKeys: [] }));
  assert.equal(unknown.context['shown'], fingerprint(parseHostKey(first.hostKey)));
  const key = await scanHostKey(local, { host: '127.0.0.1', port: first.port });
  assert.deepEqual(key, parseHostKey(first.hostKey));
  await using hop = await openChain(local, [connectorTo(first, { hostKeys: [key] })]);
  // From the place that openChain gives, which is any host: by a stream of its own.
  const behind = await scanHostKey(hop, { host: '127.0.0.1', port: second.port });
  assert.deepEqual(behind, parseHostKey(second.hostKey));
  assert.equal(runProgram('ssh-keygen', ['-lf', join(first.folder, 'host_key.pub')]).split(' ')[1], fingerprint(key));
});

test('a host behind any host that can only make connections is reached through a stream', { skip }, async () => {
  await using first = await SshServer.start();
  await using second = await SshServer.start();
  await using hop = await openChain(local, [connectorTo(first)]);
  await using behind = await sshConnector(connectionTo(second))(hop);
  const probe = new Uint8Array(2_000_000).map((_, index) => index);
  const { stdout, exit } = await runToEnd(behind, { argv: ['cat'] }, { stdin: one(probe), maximumStdoutBytes: probe.length });
  assert.deepEqual([Buffer.compare(stdout, probe), exit], [0, { kind: 'exited', code: 0 }]);
  const again = sshConnector(connectionTo(second));
  await second[Symbol.asyncDispose]();
  const since = performance.now();
  await assert.rejects(again(hop), (error) => CodedError.is(error, 'link-unreachable') && /refused|nothing listens/.test(error.message));
  assert.ok(performance.now() - since < 10_000, 'it is told at once');
});

test('the failing link is named, with the cause: refused, unknown name, closed to forwarding, silent', { skip }, async () => {
  await using first = await SshServer.start();
  await using second = await SshServer.start();
  const port = second.port;
  const refused = connectorTo(second);
  await second[Symbol.asyncDispose]();
  assert.match((await fails('link-unreachable', 1, refused)).message, /from this machine: nothing listens there/);
  assert.match(
    (await fails('link-unreachable', 2, connectorTo(first), refused)).message,
    new RegExp(`from ssh .*:${first.port}: nothing listens there`),
  );
  const nameless = { host: 'no-such-host.invalid' };
  assert.match((await fails('link-unreachable', 1, connectorTo(first, nameless))).message, /no address is known/);
  assert.match((await fails('link-unreachable', 2, connectorTo(first), connectorTo(first, nameless))).message, /no address is known/);

  await using closed = await SshServer.start({ settings: ['AllowTcpForwarding no'] });
  assert.match((await fails('link-unreachable', 2, connectorTo(closed), connectorTo(first))).message, /does not let connections through/);

  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  const before = performance.now();
  assert.match(
    (await fails('link-unreachable', 1, sshConnector({ ...connectionTo(first), port, connectTimeoutMs: 1_500 }))).message,
    /no answer in time/,
  );
  assert.ok(performance.now() - before < 8_000);
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(new Error('enough')), 300);
  await assert.rejects(openChain(local, [sshConnector({ ...connectionTo(first), port })], { signal: cancel.signal }), /enough/);
  silent.close();

  const noSsh = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(100)));
  await new Promise<void>((resolve) => noSsh.listen(0, '127.0.0.1', resolve));
  const address = noSsh.address();
  assert.ok(address !== null && typeof address === 'object');
  await fails('link-unreachable', 1, sshConnector({ ...connectionTo(first), port: address.port }));
  noSsh.close();
});

test('"test connection" tells which link fails, why, and what to do', { skip }, async () => {
  await using first = await SshServer.start();
  await using second = await SshServer.start({ authorizedKeys: [] });
  const verdict = await testChain(local, [connectorTo(first), connectorTo(second)]);
  assert.ok(!verdict.works);
  assert.deepEqual([verdict.links.length, verdict.failed.position, verdict.failed.code], [1, 2, 'link-denied']);
  assert.match(verdict.failed.hint ?? '', /authorized_keys/);
});

test('a hop that breaks while the next is opened is the one that is named', { skip }, async () => {
  await using first = await SshServer.start();
  await using second = await SshServer.start();
  const afterItsEnd: Connector = async (via, options) => {
    await first[Symbol.asyncDispose]();
    return await connectorTo(second)(via, options);
  };
  const opening = openChain(local, [connectorTo(first), afterItsEnd]);
  await assert.rejects(opening, (error) => CodedError.is(error, 'connection-lost') && error.context['position'] === 1);
});

test('a key with a passphrase opens with it, and not without', { skip }, async () => {
  makeKey(join(folder, 'locked'), 'ed25519', "pass phrase's \\");
  await using server = await SshServer.start({ authorizedKeys: [publicKey('locked')] });
  const privateKey = new Secret(keyText('locked'));
  await works(connectorTo(server, { credentials: { privateKey, passphrase: new Secret("pass phrase's \\") } }));
  for (const passphrase of [undefined, new Secret('wrong')]) {
    await fails('link-denied', 1, connectorTo(server, { credentials: { privateKey, passphrase } }));
  }
});

test('a certificate signs in where only its authority is trusted', { skip }, async () => {
  makeKey(join(folder, 'authority'), 'ed25519');
  makeKey(join(folder, 'certified'), 'ed25519');
  await using server = await SshServer.start({ authorizedKeys: [`cert-authority ${publicKey('authority')}`] });
  runProgram('ssh-keygen', ['-q', '-s', join(folder, 'authority'), '-I', 'test', '-n', server.user, join(folder, 'certified.pub')]);
  const privateKey = new Secret(keyText('certified'));
  await works(connectorTo(server, { credentials: { privateKey, certificate: keyText('certified-cert.pub') } }));
  await fails('link-denied', 1, connectorTo(server, { credentials: { privateKey } }));
});

test('an agent signs in, and is not passed on', { skip }, async (t) => {
  makeKey(join(folder, 'held'), 'ed25519');
  const agentSocket = join(folder, 'agent');
  const agent = spawnSync('ssh-agent', ['-a', agentSocket, '-s'], { encoding: 'utf8' });
  const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent.stdout)?.[1]);
  t.after(() => signal(pid, 'SIGTERM'));
  const added = spawnSync('ssh-add', ['-q', join(folder, 'held')], { env: { ...process.env, SSH_AUTH_SOCK: agentSocket } });
  assert.equal(added.status, 0);
  await using server = await SshServer.start({ authorizedKeys: [publicKey('held')] });
  await using host = await openChain(local, [connectorTo(server, { credentials: { agentSocket } })]);
  assert.equal(text((await runToEnd(host, { argv: ['sh', '-c', 'echo "[$SSH_AUTH_SOCK]"'] })).stdout), '[]\n');
});

test('F79 a password signs in, only where it belongs, and neither it nor a key is in any argument or environment', {
  skip: skip ?? whyNoAccounts(),
}, async () => {
  const password = `canary-${randomBytes(9).toString('hex')}'"\\ `;
  await using server = await SshServer.start({ account: { name: 'holdfast-test', password } });
  await using second = await SshServer.start();
  const chain = [connectorTo(server, { credentials: { password: new Secret(password) } }), connectorTo(second)];
  const watched = [password, second.clientKey.split('\n')[2] ?? 'none'];
  let isOver = false;
  const samples = (async () => {
    const found = new Set<string>();
    while (!isOver) {
      for (const place of processesWith(watched)) found.add(place);
      await systemClock.sleep(10);
    }
    return Array.from(found);
  })();
  const opened = await openChain(local, chain);
  await runToEnd(opened, { argv: ['sleep', '0.2'] });
  await opened[Symbol.asyncDispose]();
  isOver = true;
  // sshd of the test itself was given the account's hash, never the password.
  assert.deepEqual(await samples, []);
  const wrong = await fails('link-denied', 1, connectorTo(server, { credentials: { password: new Secret('canary-wrong') } }));
  assert.doesNotMatch(JSON.stringify([wrong.message, wrong.hint, wrong.context]), /canary/);
});

test('F70 ssh-opt: what ssh could take for an option, or its configuration for more than a word, never gets there', () => {
  const credentials = { privateKey: new Secret('x') };
  const wrong = [
    { host: '-oProxyCommand=touch /tmp/pwned', user: 'a' },
    { host: 'a b', user: 'a' },
    { host: 'a\nProxyCommand x', user: 'a' },
    { host: '', user: 'a' },
    { host: 'h', user: '-oX' },
    { host: 'h', user: 'a\nb' },
    { host: 'h', user: '' },
    { host: 'h', user: '$HOME' },
    { host: 'h', user: 'a', port: 0 },
    { host: 'h', user: 'a', port: 1.5 },
    { host: 'h', user: 'a', port: 70_000 },
  ];
  for (const address of wrong) {
    assert.throws(
      () => sshConnector({ ...address, hostKeys: [], credentials }),
      (error) => CodedError.is(error, 'invalid-argument'),
      JSON.stringify(address),
    );
  }
  assert.throws(
    () => sshConnector({ host: 'h', user: 'a', hostKeys: [], credentials: {} }),
    (error) => CodedError.is(error, 'invalid-argument'),
  );
  assert.throws(
    () => sshConnector({ host: 'h', user: 'a', hostKeys: [], credentials: { agentSocket: '/tmp/a b' } }),
    (error) => CodedError.is(error, 'invalid-argument'),
  );
});

/** sshd with an account that this machine does not have needs a mount of its own. */
function whyNoAccounts(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  return spawnSync('unshare', ['--mount', 'true']).status === 0 ? undefined : 'needs the right to mount';
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
