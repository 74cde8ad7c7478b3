import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import fc from 'fast-check';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { blocks, elsewhere, openContainer, processesWith, runText } from '../../../../test/support/docker-chain.ts';
import { LocalHost } from '../local-host.ts';
import type { Host } from '../port.ts';
import { withSecretEnvironment } from '../secret-environment.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '12');
const isLost = (how: string) => (error: unknown) => CodedError.is(error, 'connection-lost') && error.context['container'] === how;
const isCode = (code: CodedError['code']) => (error: unknown) => CodedError.is(error, code);

void describe('a container over its engine', { skip: whyNoDocker() ?? false }, () => {
  let engine: DockerEngine;
  before(async () => {
    engine = await startDockerd();
    engine.run('main');
    engine.run('shell-less', [], ['/sleep', '100000'], 'static');
  });
  after(async () => await engine[Symbol.asyncDispose]());

  for (const [way, via] of [
    ['its socket', (): Host => new LocalHost()],
    ['docker system dial-stdio', elsewhere],
  ] as const) {
    void test(`F68 over ${way}: a command has exactly the words that were given, whatever their bytes`, async () => {
      await using host = await openContainer(engine, { name: 'main' }, { via: via() });
      const byte = fc.integer({ min: 1, max: 255 });
      const bytes = fc.array(byte, { maxLength: 40 }).map((word) => Uint8Array.from(word));
      const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((word) => !word.includes('\0') && word.isWellFormed());
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(bytes, text), { minLength: 1, maxLength: 6 }), async (words) => {
          const { exit, stdout } = await runBytes(host, ['printf', '%s\\0', ...words]);
          assert.deepEqual(exit, { kind: 'exited', code: 0 });
          assert.deepEqual(stdout, Buffer.concat(words.flatMap((word) => [Buffer.from(word), Buffer.of(0)])));
        }),
        { numRuns: runs },
      );
    });

    void test(`F16 over ${way}: bytes go in and come out as they are, and the end of the input reaches the command`, async () => {
      await using host = await openContainer(engine, { name: 'main' }, { via: via() });
      const every = Uint8Array.from({ length: 64 * 1024 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
      const { stdout } = await runBytes(host, ['cat'], blocks(3, every));
      assert.ok(stdout.equals(Buffer.concat([every, every, every])));
      const counted = await runText(host, ['sh', '-c', 'wc -c; echo after the end'], { stdin: blocks(100, new Uint8Array(10_000)) });
      assert.equal(counted.stdout, '1000000\nafter the end\n');
    });
  }

  void test('F14 F15 how a command ended is told as it was', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    const exitOf = async (...argv: string[]): Promise<unknown> => (await runText(host, argv)).exit;
    assert.deepEqual(await exitOf('true'), { kind: 'exited', code: 0 });
    assert.deepEqual(await exitOf('sh', '-c', 'exit 7'), { kind: 'exited', code: 7 });
    assert.deepEqual(await exitOf('sh', '-c', 'exit 255'), { kind: 'exited', code: 255 });
    assert.deepEqual(await exitOf('sh', '-c', 'kill -KILL $$'), { kind: 'signalled', signal: 'SIGKILL' });
    assert.deepEqual(await exitOf('sh', '-c', 'kill -TERM $$'), { kind: 'signalled', signal: 'SIGTERM' });
  });

  void test('a program that is not there, or cannot be run, says so on standard error only', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    const missing = await runText(host, ['no-such-program']);
    assert.deepEqual([missing.exit, missing.stdout], [{ kind: 'exited', code: 127 }, '']);
    assert.match(missing.stderr, /no-such-program/);
    const unfit = await runText(host, ['/etc/passwd']);
    assert.deepEqual([unfit.exit, unfit.stdout], [{ kind: 'exited', code: 126 }, '']);
    const nowhere = await runText(host, ['true'], { workingDirectory: '/no/such' });
    assert.deepEqual([nowhere.exit, nowhere.stdout], [{ kind: 'exited', code: 126 }, '']);
  });

  void test('environment, account and working directory are those that were asked for', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    const { stdout } = await runText(host, ['sh', '-c', 'id -un; pwd; printf %s "$HELLO"'], {
      environment: { HELLO: "a 'quoted'\n$value" },
      user: 'user',
      workingDirectory: '/home/user',
    });
    assert.equal(stdout, "user\n/home/user\na 'quoted'\n$value");
    await assert.rejects(runText(host, ['true'], { user: '-x' }), isCode('invalid-argument'));
    await assert.rejects(runText(host, ['true'], { environment: { 'A=B': '' } }), isCode('invalid-argument'));
    await assert.rejects(runText(host, ['']), isCode('invalid-argument'));
    await assert.rejects(runText(host, ['echo', 'a\0b']), isCode('invalid-argument'));
  });

  void test('a command without input reads nothing, and both streams are told apart', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    assert.deepEqual(await runText(host, ['cat']), { exit: { kind: 'exited', code: 0 }, stdout: '', stderr: '' });
    const both = await runText(host, ['sh', '-c', 'echo out; echo err >&2; echo out; echo err >&2']);
    assert.deepEqual([both.stdout, both.stderr], ['out\nout\n', 'err\nerr\n']);
  });

  void test('a command that wants no more of its input is not waited for', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first line\n');
      await new Promise(() => undefined);
    }
    assert.equal((await runText(host, ['head', '-n', '1'], { stdin: slow() })).stdout, 'first line\n');
  });

  void test('an input that fails ends the command before it can take what it got for the whole', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half of it');
      await new Promise((resolve) => setTimeout(resolve, 200));
      throw new Error('the source is gone');
    }
    await assert.rejects(runText(host, ['sh', '-c', 'cat >/tmp/half; echo >/tmp/whole'], { stdin: failing() }), /the source is gone/);
    assert.equal(
      (await runText(host, ['ls', '/tmp/whole'])).exit.kind === 'exited' && (await runText(host, ['cat', '/tmp/half'])).stdout,
      'half of it',
    );
    assert.notDeepEqual((await runText(host, ['ls', '/tmp/whole'])).exit, { kind: 'exited', code: 0 });
  });

  void test('cancelling ends the command inside with all that it started, and rejects with the reason', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    const reason = new Error('enough');
    const cancel = new AbortController();
    const process = await host.exec({ argv: ['sh', '-c', 'sleep 98761 & echo started; sleep 98762; wait'] }, { signal: cancel.signal });
    for await (const bytes of process.stdout) {
      assert.equal(Buffer.from(bytes).toString(), 'started\n');
      break;
    }
    assert.ok(processesWith('9876').length >= 2);
    cancel.abort(reason);
    await assert.rejects(process.exit, (error) => error === reason);
    assert.deepEqual(processesWith('9876'), []);
  });

  void test('a command that does not want to end is killed', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    const running = runText(host, ['sh', '-c', 'trap "" TERM; while true; do sleep 0.98763; done'], { timeoutMs: 1000 });
    await assert.rejects(running, isCode('command-timeout'));
    assert.deepEqual(processesWith('98763'), []);
  });

  void test('disposing of a host ends what runs through it', async () => {
    const host = await openContainer(engine, { name: 'main' });
    const process = await host.exec({ argv: ['sleep', '98764'] });
    await host[Symbol.asyncDispose]();
    await assert.rejects(process.exit, isCode('cancelled'));
    assert.deepEqual(processesWith('98764'), []);
  });

  void test('a command whose reader leaves ends as one at a closed pipe', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    await using process = await host.exec({ argv: ['sh', '-c', 'exec yes 98765'] });
    for await (const bytes of process.stdout) {
      assert.ok(bytes.length > 0);
      break;
    }
    for await (const bytes of process.stderr) assert.fail(Buffer.from(bytes).toString());
    assert.deepEqual(await process.exit, { kind: 'signalled', signal: 'SIGPIPE' });
  });

  for (const [how, words] of [
    ['removed', ['rm', '--force', 'victim']],
    ['stopped', ['kill', 'victim']],
    ['restarted', ['restart', '--time', '0', 'victim']],
  ] as const) {
    void test(`F14 a container that is ${how} under a command is a failure of the link, never an exit code`, async () => {
      engine.run('victim');
      try {
        await using host = await openContainer(engine, { name: 'victim' });
        const process = await host.exec({ argv: ['sh', '-c', 'echo started; sleep 98766'] });
        const reader = process.stdout[Symbol.asyncIterator]();
        await reader.next();
        engine.docker(words);
        await assert.rejects(reader.next(), isLost(how));
        await assert.rejects(
          process.exit,
          (error) => isLost(how)(error) && error instanceof CodedError && error.context['link'] === 'docker victim',
        );
      } finally {
        if (how !== 'removed') engine.docker(['rm', '--force', 'victim']);
      }
    });
  }

  void test('F14 a container that is paused under a command is noticed, though nothing ends', async () => {
    engine.run('frozen');
    await using host = await openContainer(engine, { name: 'frozen' });
    const process = await host.exec({ argv: ['sh', '-c', 'echo started; sleep 98773'] });
    const reader = process.stdout[Symbol.asyncIterator]();
    await reader.next();
    engine.docker(['pause', 'frozen']);
    await assert.rejects(reader.next(), isLost('paused'));
    engine.docker(['unpause', 'frozen']);
    await assert.rejects(process.exit, (error) => CodedError.is(error, 'connection-lost'));
    engine.docker(['rm', '--force', 'frozen']);
  });

  void test('a container that does not run takes no commands, and says what it is', async () => {
    engine.run('idle');
    await using host = await openContainer(engine, { name: 'idle' });
    engine.docker(['pause', 'idle']);
    await assert.rejects(runText(host, ['true']), (error) => isCode('container-not-running')(error) && /paused/.test(String(error)));
    engine.docker(['unpause', 'idle']);
    engine.docker(['kill', 'idle']);
    await assert.rejects(runText(host, ['true']), (error) => isCode('container-not-running')(error) && /exited/.test(String(error)));
    engine.docker(['rm', 'idle']);
    await assert.rejects(runText(host, ['true']), isCode('container-not-found'));
  });

  void test('a container without a shell runs its programs, and cancelling ends them from outside', async () => {
    await using host = await openContainer(engine, { name: 'shell-less' });
    assert.equal((await runText(host, ['/cat', '/data/hello'])).stdout, 'hello\n');
    assert.deepEqual((await runText(host, ['sh', '-c', 'true'])).exit, { kind: 'exited', code: 127 });
    const cancel = new AbortController();
    const process = await host.exec({ argv: ['/sleep', '98767'] }, { signal: cancel.signal });
    await untilRunning('98767');
    cancel.abort(new Error('enough'));
    await assert.rejects(process.exit, /enough/);
    assert.deepEqual(processesWith('98767'), []);
  });

  void test('F21 containers are found by exact name, by id and by the labels of compose', async () => {
    const labels = ['--label', 'com.docker.compose.project=shop', '--label', 'com.docker.compose.service=db'];
    const id = engine.run('shop-db-1', labels);
    engine.run('shop-db-2', ['--label', 'com.docker.compose.project=other', '--label', 'com.docker.compose.service=db']);
    const found = async (container: Parameters<typeof openContainer>[1]): Promise<string> => {
      await using host = await openContainer(engine, container);
      return host.description;
    };
    assert.equal(await found({ name: 'shop-db-1' }), 'docker shop-db-1');
    assert.equal(await found({ id: id.slice(0, 12) }), 'docker shop-db-1');
    assert.equal(await found({ service: 'db', project: 'shop' }), 'docker shop-db-1');
    assert.equal(await found({ label: 'com.docker.compose.project', value: 'other' }), 'docker shop-db-2');
    await assert.rejects(found({ service: 'db' }), /2 containers/);
    await assert.rejects(found({ name: 'shop-db' }), isCode('container-not-found'));
    await assert.rejects(found({ name: id.slice(0, 12) }), isCode('container-not-found'));
    await assert.rejects(found({ label: '"}],"x":["' }), isCode('container-not-found'));
    engine.docker(['rm', '--force', 'shop-db-1', 'shop-db-2']);
  });

  void test('a connection is made as seen from the container, and a refused one is told', async () => {
    await using host = await openContainer(engine, { name: 'main' });
    await using server = await host.exec({ argv: ['nc', '-l', '-p', '9000', '-e', 'tr', 'a-z', 'A-Z'] });
    assert.ok(server);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await using stream = await host.dial({ host: '127.0.0.1', port: 9000 });
    await stream.write(Buffer.from('hello'));
    await stream.end();
    const parts: Uint8Array[] = [];
    for await (const bytes of stream.incoming) parts.push(bytes);
    assert.equal(Buffer.concat(parts).toString(), 'HELLO');
    await assert.rejects(host.dial({ host: '127.0.0.1', port: 9001 }), isCode('link-unreachable'));
    await assert.rejects(host.dial({ host: '-e', port: 9001 }), isCode('invalid-argument'));
    await using bare = await openContainer(engine, { name: 'shell-less' });
    await assert.rejects(bare.dial({ host: '127.0.0.1', port: 9001 }), isCode('tool-missing'));
  });

  void test('F79 a secret is in no process list, neither in the container nor on the machine', async () => {
    const secret = `canary-${'98768'.repeat(3)}`;
    await using host = await openContainer(engine, { name: 'main' });
    const { command, stdin } = withSecretEnvironment(
      { argv: ['sh', '-c', 'echo started; sleep 2; printf %s "$PGPASSWORD"'] },
      { PGPASSWORD: new Secret(secret) },
    );
    const process = await host.exec(command, { stdin });
    const reader = process.stdout[Symbol.asyncIterator]();
    await reader.next();
    assert.deepEqual(processesWith(secret), []);
    assert.equal(Buffer.from((await reader.next()).value ?? []).toString(), secret);
    await process[Symbol.asyncDispose]();
  });

  void test('what would be run is shown and not run', async () => {
    await using host = await openContainer(engine, { name: 'main' }, { via: elsewhere() });
    const before_ = processesWith('98769').length;
    const { steps } = host.explain({ argv: ['sleep', '98769', "it's"], user: 'user', environment: { A: 'b c' } });
    assert.deepEqual(
      steps.map(({ place }) => place),
      ['elsewhere', 'elsewhere → docker main'],
    );
    assert.match(steps[0]?.line ?? '', /docker -H unix:\/\/\S+ 'exec' -i -e 'A=b c' -u user [0-9a-f]{64} sleep 98769 'it'\\''s'$/);
    assert.equal(steps[1]?.line, "exec sleep 98769 'it'\\''s'");
    assert.equal(processesWith('98769').length, before_);
  });

  void test('an engine that is not there, or is none, is a failure of the link', async () => {
    const nowhere = { ...engine, socket: '/no/such.sock' };
    await assert.rejects(openContainer(nowhere, { name: 'main' }), isCode('link-unreachable'));
    await assert.rejects(openContainer(nowhere, { name: 'main' }, { via: elsewhere() }), (error) => CodedError.is(error));
  });
});

async function untilRunning(text: string): Promise<void> {
  for (let wait = 0; processesWith(text).length === 0; wait++) {
    assert.ok(wait < 200, `${text} does not run`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function runBytes(
  host: Host,
  argv: readonly (string | Uint8Array)[],
  stdin?: AsyncIterable<Uint8Array>,
): Promise<{ exit: unknown; stdout: Buffer }> {
  await using process = await host.exec({ argv }, { stdin });
  const parts: Uint8Array[] = [];
  const reading = (async () => {
    for await (const bytes of process.stdout) parts.push(bytes);
  })();
  for await (const bytes of process.stderr) assert.fail(Buffer.from(bytes).toString());
  await reading;
  return { exit: await process.exit, stdout: Buffer.concat(parts) };
}
