import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CodedError, systemClock } from '@holdfast/kernel';
import { SshServer, signal, whyNoSshd } from '../../../../test/services/sshd.ts';
import { FastRandom } from '../../../../test/support/fast-random.ts';
import { untilGone } from '../../../../test/support/process-tree.ts';
import { randomArgv } from '../../../../test/support/random-argv.ts';
import { connectorTo, privateDirectories, useOwnTemporaryFolder } from '../../../../test/support/ssh-chain.ts';
import { LocalHost } from '../local-host.ts';
import { openChain } from '../open-chain.ts';
import type { Host, RemoteProcess } from '../port.ts';
import { collectTail, runToEnd } from '../run-to-end.ts';
import { testChain } from '../test-chain.ts';

useOwnTemporaryFolder();
const seed = Number(process.env['HOLDFAST_QUOTING_SEED'] ?? randomInt(1, 2 ** 31));
const commandCount = Number(process.env['HOLDFAST_SSH_ARGVS'] ?? '12');
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The numbers in the first line of what it writes. */
async function numbers(process: RemoteProcess): Promise<number[]> {
  let said = '';
  const iterator = process.stdout[Symbol.asyncIterator]();
  while (!said.includes('\n')) {
    const next = await iterator.next();
    assert.ok(next.done !== true, 'it ended early');
    said += text(next.value);
  }
  return said.trim().split(/\s+/).map(Number);
}

describe('a chain of three hosts by SSH', { skip: whyNoSshd() }, () => {
  const stack = new AsyncDisposableStack();
  const local = new LocalHost();
  let servers: readonly SshServer[] = [];
  let host: Host;

  before(async () => {
    servers = await Promise.all([SshServer.start(), SshServer.start(), SshServer.start()]);
    for (const server of servers) stack.use(server);
    const [first, ...others] = servers.map((server) => connectorTo(server));
    assert.ok(first !== undefined);
    host = stack.use(await openChain(local, [first, ...others]));
  });
  after(async () => {
    await stack.disposeAsync();
    assert.deepEqual(privateDirectories(), []);
  });

  test('it says where it leads, and works', async () => {
    assert.equal(host.description, servers.map(({ user, port }) => `ssh ${user}@127.0.0.1:${port}`).join(' → '));
    const last = servers.at(-1);
    const { stdout } = await runToEnd(host, { argv: ['sh', '-c', 'echo "$SSH_CONNECTION"'] });
    assert.match(text(stdout), new RegExp(` ${last?.port}\n$`), 'it runs on the last of them');
  });

  test('one connection to each hop carries all commands', async () => {
    await Promise.all(Array.from({ length: 6 }, () => runToEnd(host, { argv: ['true'] })));
    const logins = servers.map(({ log }) => log.split('\n').filter((line) => line.includes('Accepted publickey')).length);
    assert.deepEqual(logins, [1, 1, 1]);
  });

  test('exit codes, 255 too, and signals are the command’s own', async () => {
    for (const code of [0, 1, 126, 127, 128, 255]) {
      assert.deepEqual((await runToEnd(host, { argv: ['sh', '-c', `exit ${code}`] })).exit, { kind: 'exited', code });
    }
    for (const name of ['KILL', 'TERM', 'HUP', 'SEGV']) {
      const { exit } = await runToEnd(host, { argv: ['sh', '-c', `kill -${name} $$`] });
      assert.deepEqual(exit, { kind: 'signalled', signal: `SIG${name}` });
    }
    assert.deepEqual((await runToEnd(host, { argv: ['holdfast-no-such-program'] })).exit, { kind: 'exited', code: 127 });
    assert.deepEqual((await runToEnd(host, { argv: ['true'], workingDirectory: '/no/such' })).exit, { kind: 'exited', code: 126 });
    assert.deepEqual((await runToEnd(host, { argv: ['exit', '0'] })).exit, { kind: 'exited', code: 127 }, 'not a word of the shell');
  });

  test('standard output and standard error arrive apart and whole, and nothing is added to them', async () => {
    const { stdout, stderrTail } = await runToEnd(host, { argv: ['sh', '-c', 'printf out; printf err >&2; printf put; printf or >&2'] });
    assert.deepEqual([text(stdout), stderrTail], ['output', 'error']);
    const large = await runToEnd(host, { argv: ['sh', '-c', 'head -c 700000 /dev/zero; head -c 700000 /dev/zero >&2'] });
    assert.deepEqual([large.stdout.length, large.stderrTail.length], [700_000, 16_384]);
  });

  test('F16 byte-probe: bytes of all values pass unchanged, both ways', async () => {
    const probe = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 7 + (index >> 9)) & 0xff));
    await using process = await host.exec({ argv: ['cat'] }, { stdin: once(probe) });
    const hash = createHash('sha256');
    const said = collectTail(process.stderr);
    for await (const bytes of process.stdout) hash.update(bytes);
    assert.equal(hash.digest('hex'), createHash('sha256').update(probe).digest('hex'));
    assert.deepEqual([await said, await process.exit], ['', { kind: 'exited', code: 0 }]);
  });

  test('F68 quote-fuzz: random words come through sshd and its login shell as they are', async (t) => {
    t.diagnostic(`HOLDFAST_QUOTING_SEED=${seed}`);
    const random = new FastRandom(seed);
    for (let index = 0; index < commandCount; index++) {
      const words = Array.from({ length: 8 }, () => randomArgv(random)).flat();
      const { stdout } = await runToEnd(host, { argv: ['printf', '%s\\0', ...words], environment: { A: "'" } });
      assert.deepEqual(Buffer.from(stdout), Buffer.concat(words.flatMap((word) => [word, Buffer.alloc(1)])), `seed ${seed}`);
    }
  });

  test('directory and environment are set on the far side', async () => {
    const { stdout } = await runToEnd(host, {
      argv: ['sh', '-c', 'echo "$PWD" "$A"'],
      workingDirectory: '/usr',
      environment: { A: "it's" },
    });
    assert.equal(text(stdout), "/usr it's\n");
  });

  test('cancelling ends the command on the far side with all that it started, whether it reads or not', async () => {
    for (const stdin of [undefined, endless()]) {
      const cancel = new AbortController();
      const process = await host.exec({ argv: ['sh', '-c', 'sleep 300 & echo $$ $!; sleep 301; true'] }, { signal: cancel.signal, stdin });
      const pids = await numbers(process);
      const reason = new CodedError({ code: 'cancelled', message: 'enough' });
      cancel.abort(reason);
      await assert.rejects(process.exit, reason);
      await untilGone(pids, 3_000);
    }
  });

  test('F3 a command that reads is ended before it can take a cancelled input for the whole', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-far-'));
    const cancel = new AbortController();
    const half = (async function* (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('half');
      await new Promise(() => undefined);
    })();
    const process = await host.exec(
      { argv: ['sh', '-c', 'cat >"$1/in"; echo whole >"$1/verdict"', 'sh', folder] },
      { stdin: half, signal: cancel.signal },
    );
    await systemClock.sleep(300);
    cancel.abort(new Error('enough'));
    await assert.rejects(process.exit, /enough/);
    await systemClock.sleep(300);
    const { stdout } = await runToEnd(host, { argv: ['ls', folder] });
    assert.equal(text(stdout), 'in\n');
    rmSync(folder, { recursive: true });
  });

  test('a time limit ends the command on the far side', async () => {
    const process = await host.exec({ argv: ['sh', '-c', 'echo $$; exec sleep 300'] }, { timeoutMs: 2_000 });
    const pids = await numbers(process);
    await assert.rejects(process.exit, (error) => CodedError.is(error, 'command-timeout'));
    await untilGone(pids, 3_000);
  });

  test('a connection is made as seen from the last host, and what takes none is link-unreachable', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const got: Buffer[] = [];
      socket.on('data', (bytes: Buffer) => got.push(bytes));
      socket.on('end', () => socket.end(Buffer.concat(got).reverse()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    {
      await using stream = await host.dial({ host: '127.0.0.1', port: address.port });
      await stream.write(new TextEncoder().encode('abc'));
      await stream.write(new TextEncoder().encode('def'));
      await stream.end();
      assert.equal(await collectTail(stream.incoming), 'fedcba');
    }
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await assert.rejects(host.dial({ host: '127.0.0.1', port: address.port }), (error) => {
      assert.ok(CodedError.is(error, 'link-unreachable'));
      assert.match(error.message, /Connection refused|nothing listens there/);
      return true;
    });
    await assert.rejects(host.dial({ host: '-oProxyCommand=x', port: 1 }), (error) => CodedError.is(error, 'invalid-argument'));
  });

  test('explaining shows what runs where, and runs nothing', () => {
    const { steps } = host.explain({ argv: ['tar', '-c', "it's"] });
    assert.deepEqual(
      steps.map(({ place }) => place),
      ['this machine', host.description, host.description],
    );
    assert.match(steps[0]?.line ?? '', /^ssh -F \S+\/config -T -- holdfast-[0-9a-f]{16} '/);
    assert.equal(steps[2]?.line, "exec tar -c 'it'\\''s'");
  });

  test('after success nothing is left on the far side', async () => {
    await runToEnd(host, { argv: ['true'] });
    await runToEnd(host, { argv: ['cat'] }, { stdin: once(Buffer.from('x')) });
    // The watcher of a command that reads sleeps up to two seconds, with nobody to wake it.
    await systemClock.sleep(2_500);
    assert.deepEqual(
      servers.flatMap((server) => server.commands()),
      [],
    );
  });

  test('"test connection" measures each link and knows the system', async () => {
    const verdict = await testChain(
      local,
      servers.map((server) => connectorTo(server)),
    );
    assert.ok(verdict.works);
    assert.equal(verdict.links.length, 3);
    assert.match(verdict.system, /^Linux /);
  });
});

describe('one host by SSH', { skip: whyNoSshd() }, () => {
  const local = new LocalHost();

  test('what login scripts write is not taken for output', async () => {
    await using server = await SshServer.start({ settings: [`ForceCommand echo hello; echo oops >&2; eval "$SSH_ORIGINAL_COMMAND"`] });
    await using host = await openChain(local, [connectorTo(server)]);
    const { stdout, exit } = await runToEnd(host, { argv: ['printf', 'out'] });
    assert.deepEqual([text(stdout), exit], ['out', { kind: 'exited', code: 0 }]);
  });

  test('an account that runs something else than it is told is connection-lost, never a success', async () => {
    await using server = await SshServer.start({ settings: ['ForceCommand echo hello'] });
    await using host = await openChain(local, [connectorTo(server)]);
    await assert.rejects(host.exec({ argv: ['true'] }), (error) => CodedError.is(error, 'connection-lost'));
  });

  test('more commands at once than the server takes sessions for run all the same', async () => {
    await using server = await SshServer.start({ settings: ['MaxSessions 2'] });
    await using host = await openChain(local, [connectorTo(server)]);
    const running = Array.from({ length: 5 }, (_, code) => runToEnd(host, { argv: ['sh', '-c', `sleep 1; exit ${code}`] }));
    assert.deepEqual(
      (await Promise.all(running)).map(({ exit }) => exit.kind === 'exited' && exit.code),
      [0, 1, 2, 3, 4],
    );
  });

  test('F3 sshd killed in mid-run is connection-lost, and the command does not stay', async () => {
    await using server = await SshServer.start();
    await using host = await openChain(local, [connectorTo(server)]);
    const process = await host.exec({ argv: ['sh', '-c', 'echo $$; sleep 300; true'] }, { stdin: endless() });
    const pids = await numbers(process);
    for (const pid of server.connections()) signal(pid, 'SIGKILL');
    void collectTail(process.stderr).catch(() => undefined);
    await assert.rejects(process.exit, (error) => CodedError.is(error, 'connection-lost') && error.context['link'] === host.description);
    await untilGone(pids, 8_000);
    await host[Symbol.asyncDispose]();
    assert.deepEqual(privateDirectories(), []);
  });

  test('a connection that freezes ends within its time: a limit of the command, or the silence of the host', async () => {
    await using server = await SshServer.start();
    await using host = await openChain(local, [connectorTo(server, { aliveIntervalMs: 1_000 })]);
    const limited = await host.exec({ argv: ['sleep', '300'] }, { timeoutMs: 1_000 });
    const unlimited = await host.exec({ argv: ['sleep', '301'] });
    const frozen = server.connections();
    for (const pid of frozen) signal(pid, 'SIGSTOP');
    const since = performance.now();
    void Promise.allSettled([unlimited.stdout, unlimited.stderr].map((stream) => collectTail(stream)));
    await assert.rejects(limited.exit, (error) => CodedError.is(error, 'command-timeout'));
    await assert.rejects(unlimited.exit, (error) => CodedError.is(error, 'connection-lost'));
    assert.ok(performance.now() - since < 15_000);
    for (const pid of frozen) signal(pid, 'SIGCONT');
    await host[Symbol.asyncDispose]();
    assert.deepEqual(privateDirectories(), []);
  });
});

async function* endless(): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode('x');
  await new Promise(() => undefined);
}
