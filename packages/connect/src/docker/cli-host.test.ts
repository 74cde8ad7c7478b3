import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { elsewhere, openContainer, processesWith, runText } from '../../../../test/support/docker-chain.ts';
import { LocalHost } from '../local-host.ts';
import type { Host } from '../port.ts';
import { dockerConnector } from './docker-connector.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '6');
const isCode = (code: CodedError['code']) => (error: unknown) => CodedError.is(error, code);
const isLost = (how: string) => (error: unknown) => CodedError.is(error, 'connection-lost') && error.context['container'] === how;

void describe('a container by the command line client', { skip: whyNoDocker() ?? false }, () => {
  let engine: DockerEngine;
  before(async () => {
    engine = await startDockerd();
    engine.run('main');
    engine.run('shell-less', [], ['/sleep', '100000'], 'static');
  });
  after(async () => await engine[Symbol.asyncDispose]());
  const open = async (name: string, via: Host = new LocalHost()): Promise<Host> =>
    await openContainer(engine, { name }, { way: 'client', via });

  void test('F68 a command has exactly the words that were given, whatever their bytes', async () => {
    await using host = await open('main');
    const word = fc.array(fc.integer({ min: 1, max: 255 }), { maxLength: 40 }).map((bytes) => Uint8Array.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 6 }), async (words) => {
        await using process = await host.exec({ argv: ['printf', '%s\\0', ...words] });
        const parts: Uint8Array[] = [];
        for await (const bytes of process.stdout) parts.push(bytes);
        for await (const bytes of process.stderr) assert.fail(Buffer.from(bytes).toString());
        assert.deepEqual(await process.exit, { kind: 'exited', code: 0 });
        assert.deepEqual(Buffer.concat(parts), Buffer.concat(words.flatMap((bytes) => [bytes, Buffer.of(0)])));
      }),
      { numRuns: runs },
    );
  });

  void test('F14 exit codes, signals and failures of the client are told apart', async () => {
    await using host = await open('main');
    const exitOf = async (...argv: string[]): Promise<unknown> => (await runText(host, argv)).exit;
    assert.deepEqual(await exitOf('true'), { kind: 'exited', code: 0 });
    assert.deepEqual(await exitOf('sh', '-c', 'exit 1'), { kind: 'exited', code: 1 });
    assert.deepEqual(await exitOf('sh', '-c', 'exit 7'), { kind: 'exited', code: 7 });
    assert.deepEqual(await exitOf('sh', '-c', 'kill -KILL $$'), { kind: 'signalled', signal: 'SIGKILL' });
    const missing = await runText(host, ['no-such-program']);
    assert.deepEqual([missing.exit, missing.stdout], [{ kind: 'exited', code: 127 }, '']);
    const unfit = await runText(host, ['/etc/passwd']);
    assert.deepEqual([unfit.exit, unfit.stdout], [{ kind: 'exited', code: 126 }, '']);
  });

  void test('input ends where it ends, and environment, account and directory are passed on', async () => {
    await using host = await open('main');
    const counted = await runText(host, ['sh', '-c', 'wc -c; id -un; pwd; printf %s "$HELLO"'], {
      stdin: (async function* () {
        yield new Uint8Array(100_000);
      })(),
      environment: { HELLO: "a 'quoted'\n$value" },
      user: 'user',
      workingDirectory: '/home/user',
    });
    assert.equal(counted.stdout, "100000\nuser\n/home/user\na 'quoted'\n$value");
    assert.equal((await runText(host, ['cat'])).stdout, '');
  });

  void test('cancelling ends the command in the container, not only the client', async () => {
    await using host = await open('main');
    const reason = new Error('enough');
    const cancel = new AbortController();
    const process = await host.exec({ argv: ['sh', '-c', 'sleep 98781 & echo started; sleep 98782; wait'] }, { signal: cancel.signal });
    const reader = process.stdout[Symbol.asyncIterator]();
    await reader.next();
    cancel.abort(reason);
    await assert.rejects(process.exit, (error) => error === reason);
    await assert.rejects(reader.next(), (error) => error === reason);
    assert.deepEqual(processesWith('9878'), []);
  });

  void test('cancelling ends a command in a container without a shell from the machine', async () => {
    await using host = await open('shell-less');
    const process = await host.exec({ argv: ['/sleep', '98783'] });
    for (let wait = 0; processesWith('/sleep\u000098783').length === 0 && wait < 50; wait++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    await process[Symbol.asyncDispose]();
    await assert.rejects(process.exit, isCode('cancelled'));
    assert.deepEqual(processesWith('98783'), []);
  });

  void test('an input that fails ends the command before it can take what it got for the whole', async () => {
    await using host = await open('main');
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half of it');
      await new Promise((resolve) => setTimeout(resolve, 1000));
      throw new Error('the source is gone');
    }
    await assert.rejects(runText(host, ['sh', '-c', 'cat >/tmp/half; echo >/tmp/whole'], { stdin: failing() }), /the source is gone/);
    assert.notDeepEqual((await runText(host, ['ls', '/tmp/whole'])).exit, { kind: 'exited', code: 0 });
  });

  void test('F14 a container that is removed under a command is a failure of the link', async () => {
    engine.run('victim');
    await using host = await open('victim');
    const process = await host.exec({ argv: ['sh', '-c', 'echo started; sleep 98784'] });
    const reader = process.stdout[Symbol.asyncIterator]();
    await reader.next();
    engine.docker(['rm', '--force', 'victim']);
    await assert.rejects(reader.next(), isLost('removed'));
    await assert.rejects(process.exit, isLost('removed'));
    await assert.rejects(runText(host, ['true']), isCode('container-not-found'));
  });

  void test('F21 containers are found by exact name and by labels, whatever is in these', async () => {
    engine.run('shop-db-1', [
      '--label',
      'com.docker.compose.project=shop',
      '--label',
      'com.docker.compose.service=db',
      '--label',
      'odd=a,b=c "d" $(id)',
    ]);
    const found = async (container: Parameters<typeof openContainer>[1]): Promise<string> => {
      await using host = await openContainer(engine, container, { way: 'client', via: elsewhere() });
      return host.description;
    };
    assert.equal(await found({ service: 'db', project: 'shop' }), 'elsewhere → docker shop-db-1');
    assert.equal(await found({ label: 'odd', value: 'a,b=c "d" $(id)' }), 'elsewhere → docker shop-db-1');
    await assert.rejects(found({ name: 'shop-db' }), isCode('container-not-found'));
    await assert.rejects(found({ label: 'odd', value: 'a' }), isCode('container-not-found'));
    engine.docker(['rm', '--force', 'shop-db-1']);
  });

  void test('the client is used where the API cannot be reached, and its absence is told', async () => {
    const here = elsewhere();
    const noApi: Host = {
      ...here,
      exec: async (command, options) => {
        const isApi = command.argv.includes('dial-stdio');
        return await here.exec(isApi ? { argv: ['sh', '-c', 'echo "unknown command" >&2; exit 1'] } : command, options);
      },
    };
    const connect = dockerConnector({ container: { name: 'main' }, engine: { kind: 'socket', path: engine.socket } });
    await using host = await connect(noApi);
    assert.equal((await runText(host, ['echo', 'by the client'])).stdout, 'by the client\n');
    const nothing: Host = { ...here, exec: async (_command, options) => await here.exec({ argv: ['no-such-docker'] }, options) };
    await assert.rejects(connect(nothing), (error) => CodedError.is(error));
    await assert.rejects(dockerConnector({ container: { name: 'main' }, way: 'client' })(nothing), isCode('tool-missing'));
  });

  void test('what would be run is shown', async () => {
    await using host = await open('main', elsewhere());
    const { steps } = host.explain({ argv: ['echo', 'a b'] });
    assert.match(steps[0]?.line ?? '', /docker -H unix:\/\/\S+ 'exec' -i [0-9a-f]{64} echo 'a b'$/);
    assert.deepEqual(steps[1], { place: 'elsewhere → docker main', line: "exec echo 'a b'" });
  });
});
