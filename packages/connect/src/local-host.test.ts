import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError, Secret, systemClock } from '@holdfast/kernel';
import { untilGone } from '../../../test/support/process-tree.ts';
import { LocalHost } from './local-host.ts';
import type { ProcessExit, RemoteProcess } from './port.ts';
import { collectTail, describeExit, requireSuccess, runToEnd, succeeded } from './run-to-end.ts';
import { withSecretEnvironment } from './secret-environment.ts';

const exited = (code: number): ProcessExit => ({ kind: 'exited', code });

async function* parts(...texts: readonly (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield typeof text === 'string' ? new TextEncoder().encode(text) : text;
}

async function* blocks(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(size, index);
}

async function hashOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of stream) hash.update(bytes);
  return hash.digest('hex');
}

/** Waits for a line of its standard output, and leaves the rest unread. */
async function firstLine(process: RemoteProcess): Promise<string> {
  let text = '';
  const iterator = process.stdout[Symbol.asyncIterator]();
  while (!text.includes('\n')) {
    const next = await iterator.next();
    assert.ok(next.done !== true, 'it ended early');
    text += new TextDecoder().decode(next.value);
  }
  return text.split('\n')[0] ?? '';
}

test('a command gets its words as they are, its directory, its environment and nothing else of this process’s', async () => {
  const host = new LocalHost({ environment: { PATH: process.env['PATH'], HOME: '/root', RESTIC_PASSWORD: 'x', HOLDFAST_PASSWORD: 'x' } });
  const script = 'pwd; env | cut -d= -f1 | grep -v "^_$\\|PWD\\|SHLVL\\|OLDPWD" | sort | tr "\\n" " "; printf "<%s>" "$@"';
  const { stdout, exit } = await runToEnd(host, {
    argv: ['sh', '-c', script, 'sh', "it's", '', '-x', '$HOME', Uint8Array.of(0x61)],
    environment: { EXTRA: '1' },
    workingDirectory: '/usr',
  });
  assert.deepEqual(exit, exited(0));
  assert.equal(new TextDecoder().decode(stdout), "/usr\nEXTRA HOME PATH <it's><><-x><$HOME><a>");
});

test('F62 words that are no text reach the program as the bytes they are', async () => {
  const words = [Uint8Array.of(0xff, 0xfe), Buffer.from("caf\xe9 '\\", 'latin1')];
  const { stdout } = await runToEnd(new LocalHost(), { argv: ['printf', '%s\\0', ...words], environment: { A: 'b' } });
  assert.deepEqual(Buffer.from(stdout), Buffer.concat(words.flatMap((word) => [word, Buffer.alloc(1)])));
});

test('exit code, signal, missing program, program that cannot be run, missing directory: each is told as what it is', async () => {
  const host = new LocalHost();
  const ending = async (argv: string[], workingDirectory?: string) => await runToEnd(host, { argv, workingDirectory });
  assert.deepEqual((await ending(['sh', '-c', 'exit 255'])).exit, exited(255));
  assert.deepEqual((await ending(['sh', '-c', 'kill -KILL $$'])).exit, { kind: 'signalled', signal: 'SIGKILL' });
  const missing = await ending(['holdfast-no-such-program']);
  assert.deepEqual(missing.exit, exited(127));
  assert.match(missing.stderrTail, /holdfast-no-such-program: not found/);
  assert.deepEqual((await ending(['/etc/passwd'])).exit, exited(126));
  assert.deepEqual((await ending(['true'], '/no/such/directory')).exit, exited(126));
  assert.equal(succeeded(missing.exit), false);
  assert.equal(succeeded({ kind: 'signalled', signal: 'SIGTERM' }), false);
  assert.equal(describeExit({ kind: 'signalled', signal: 'SIGTERM' }), 'was ended by the signal SIGTERM');
  assert.throws(
    () => requireSuccess(missing, 'The tool'),
    (error) => CodedError.is(error, 'command-failed') && /exit code 127: .*not found/.test(error.message),
  );
});

test('F15 all of the output is delivered before the exit is, however slowly it is read', async () => {
  const host = new LocalHost();
  await using process = await host.exec({ argv: ['sh', '-c', 'head -c 3000000 /dev/zero; echo problem >&2; exit 7'] });
  let size = 0;
  let isOver = false;
  void process.exit.then(() => {
    isOver = true;
  });
  const said = collectTail(process.stderr);
  for await (const bytes of process.stdout) {
    size += bytes.length;
    assert.equal(isOver, false);
    if (size < 500_000) await systemClock.sleep(5);
  }
  assert.equal(size, 3_000_000);
  assert.equal(await said, 'problem\n');
  assert.deepEqual(await process.exit, exited(7));
});

test('what is read comes with back-pressure: a fast program waits for a slow reader', async () => {
  const host = new LocalHost();
  const file = join(mkdtempSync(join(tmpdir(), 'holdfast-local-')), 'count');
  const script = `i=0; while [ $i -lt 200 ]; do head -c 65536 /dev/zero; i=$((i+1)); echo $i >"${file}"; done`;
  await using process = await host.exec({ argv: ['sh', '-c', script] });
  const iterator = process.stdout[Symbol.asyncIterator]();
  await iterator.next();
  await systemClock.sleep(500);
  assert.ok(Number(readFileSync(file, 'utf8')) < 20, 'it wrote on without a reader');
  rmSync(file);
});

test('a large input goes through unharmed, with back-pressure', async () => {
  const host = new LocalHost();
  await using process = await host.exec({ argv: ['cat'] }, { stdin: blocks(64, 100_000) });
  const [came] = await Promise.all([hashOf(process.stdout), collectTail(process.stderr)]);
  assert.equal(came, await hashOf(blocks(64, 100_000)));
  assert.deepEqual(await process.exit, exited(0));
});

test('a program that does not want all of its input is no error (EPIPE), and the source is let go', async () => {
  const host = new LocalHost();
  let isLetGo = false;
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(65_536, 0x61);
    } finally {
      isLetGo = true;
    }
  };
  const { stdout, exit } = await runToEnd(host, { argv: ['head', '-c', '3'] }, { stdin: endless() });
  assert.deepEqual([new TextDecoder().decode(stdout), exit], ['aaa', exited(0)]);
  await systemClock.sleep(20);
  assert.ok(isLetGo);
});

test('a program that ends while its source has nothing yet is not waited for', async () => {
  const host = new LocalHost();
  const silent = (async function* (): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('x');
    await new Promise(() => undefined);
  })();
  assert.deepEqual((await runToEnd(host, { argv: ['sh', '-c', 'exit 3'] }, { stdin: silent })).exit, exited(3));
});

test('F3 an input that fails kills the program before it can take what it has for the whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-local-'));
  const host = new LocalHost();
  const failing = (async function* (): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode('half');
    await systemClock.sleep(100);
    throw new CodedError({ code: 'source-incomplete', message: 'cut short' });
  })();
  const running = runToEnd(host, { argv: ['sh', '-c', `cat >"${folder}/in"; echo whole >"${folder}/verdict"`] }, { stdin: failing });
  await assert.rejects(running, (error) => CodedError.is(error, 'source-incomplete'));
  assert.equal(existsSync(`${folder}/verdict`), false);
  rmSync(folder, { recursive: true });
});

test('cancelling ends the whole process group, and the reader and the exit get the reason', async () => {
  const host = new LocalHost();
  const cancel = new AbortController();
  const script = 'sleep 300 & echo $$ $!; trap "" HUP; sleep 301; true';
  const process = await host.exec({ argv: ['sh', '-c', script] }, { signal: cancel.signal });
  const pids = (await firstLine(process)).split(' ').map(Number);
  const reason = new CodedError({ code: 'cancelled', message: 'enough' });
  cancel.abort(reason);
  await assert.rejects(process.exit, reason);
  await assert.rejects(hashOf(process.stdout), reason);
  await untilGone(pids, 2_000);
});

test('a program that does not listen to SIGTERM is killed', async () => {
  const host = new LocalHost();
  const process = await host.exec({ argv: ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'] });
  await firstLine(process);
  const before = performance.now();
  await process[Symbol.asyncDispose]();
  assert.ok(performance.now() - before < 8_000);
  await assert.rejects(process.exit, (error) => CodedError.is(error, 'cancelled'));
});

test('a time limit ends a program with command-timeout', async () => {
  const running = runToEnd(new LocalHost(), { argv: ['sleep', '300'] }, { timeoutMs: 100 });
  await assert.rejects(
    running,
    (error) => CodedError.is(error, 'command-timeout') && error.retry === 'temporary' && /sleep on this machine/.test(error.message),
  );
});

test('an aborted signal starts nothing; a host that is disposed of ends what it runs', async () => {
  const reason = new Error('no');
  await assert.rejects(new LocalHost().exec({ argv: ['true'] }, { signal: AbortSignal.abort(reason) }), reason);
  const host = new LocalHost();
  const process = await host.exec({ argv: ['sh', '-c', 'echo $$; exec sleep 300'] });
  const pid = Number(await firstLine(process));
  await host[Symbol.asyncDispose]();
  await untilGone([pid], 1_000);
});

test('more output than an answer may have is an error, and ends the program', async () => {
  const running = runToEnd(new LocalHost(), { argv: ['cat', '/dev/zero'] }, { maximumStdoutBytes: 100_000 });
  await assert.rejects(running, (error) => CodedError.is(error, 'command-failed') && error.context['limitBytes'] === 100_000);
});

test('the tail of what a program said is short, and can do nothing to a terminal', async () => {
  assert.equal(await collectTail(parts('x'.repeat(100), 'abc', 'def'), 5), 'bcdef');
  assert.equal(await collectTail(parts(...Array.from({ length: 1000 }, (_, index) => `${index}\n`)), 8), '998\n999\n');
  assert.equal(await collectTail(parts('a\r\nb\u001b[31m\u009b\u202e\tc\n')), 'a\nb\ufffd[31m\ufffd\ufffd\tc\n');
});

test('F79 secrets for the environment travel by standard input, in front of what the command reads itself', async () => {
  const secret = "it's \\ $(id) é";
  const given = withSecretEnvironment(
    {
      argv: ['sh', '-c', 'tr "\\0" "\\n" </proc/$$/cmdline | grep -c "canary[i]"; printf "%s|%s|" "$CANARY_A" "$B"; cat', 'sh', '--', 'x'],
    },
    { CANARY_A: new Secret(`canary${secret}`), B: new Secret('') },
    parts('the rest\n', 'of it'),
  );
  assert.doesNotMatch(JSON.stringify(given.command), /canaryi/);
  const { stdout } = await runToEnd(new LocalHost(), given.command, { stdin: given.stdin });
  assert.equal(new TextDecoder().decode(stdout), `0\ncanary${secret}||the rest\nof it`);
  for (const wrong of [{ 'A;id': new Secret('x') }, { A: new Secret('two\nlines') }] as readonly Record<string, Secret>[]) {
    assert.throws(
      () => withSecretEnvironment({ argv: ['true'] }, wrong),
      (error) => CodedError.is(error, 'invalid-argument'),
    );
  }
});

test('a TCP connection carries bytes both ways and ends one way at a time; where nothing listens is link-unreachable', async () => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const got: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => got.push(bytes));
    socket.on('end', () => socket.end(Buffer.concat(got).reverse()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const host = new LocalHost();
  {
    await using stream = await host.dial({ host: '127.0.0.1', port: address.port });
    await stream.write(new TextEncoder().encode('abc'));
    await stream.write(new TextEncoder().encode('def'));
    await stream.end();
    assert.equal(await collectTail(stream.incoming), 'fedcba');
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await assert.rejects(
    host.dial({ host: '127.0.0.1', port: address.port }),
    (error) => CodedError.is(error, 'link-unreachable') && /from this machine: nothing listens there/.test(error.message),
  );
});

test('explaining shows the line and runs nothing', () => {
  const { steps } = new LocalHost().explain({ argv: ['touch', "/tmp/it's"], workingDirectory: '/tmp', environment: { A: 'b c' } });
  assert.deepEqual(steps, [{ place: 'this machine', line: "cd -- /tmp || exit 126; export A='b c'; exec touch '/tmp/it'\\''s'" }]);
});
