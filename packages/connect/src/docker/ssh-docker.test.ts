import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { type DockerEngine, startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { SshServer, whyNoSshd } from '../../../../test/services/sshd.ts';
import { processesWith, runText } from '../../../../test/support/docker-chain.ts';
import { connectorTo, useOwnTemporaryFolder } from '../../../../test/support/ssh-chain.ts';
import { LocalHost } from '../local-host.ts';
import { openChain } from '../open-chain.ts';
import type { Host } from '../port.ts';
import { dockerConnector } from './docker-connector.ts';

void describe('a container behind SSH', { skip: whyNoDocker() ?? whyNoSshd() ?? false }, () => {
  let engine: DockerEngine;
  let server: SshServer;
  before(async () => {
    engine = await startDockerd();
    engine.run('main');
    useOwnTemporaryFolder();
    server = await SshServer.start();
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
  });

  for (const way of ['engine', 'client'] as const) {
    const open = async (): Promise<Host> =>
      await openChain(new LocalHost(), [
        connectorTo(server),
        dockerConnector({ container: { name: 'main' }, engine: { kind: 'socket', path: engine.socket }, way }),
      ]);

    void test(`F16 F68 commands, their words and their bytes pass both links (by the ${way})`, async () => {
      await using host = await open();
      assert.match(host.description, /^ssh .* → docker main$/);
      const every = Uint8Array.from({ length: 64 * 1024 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
      async function* once(): AsyncGenerator<Uint8Array> {
        yield every;
      }
      await using process = await host.exec({ argv: ['cat'] }, { stdin: once() });
      const parts: Uint8Array[] = [];
      for await (const bytes of process.stdout) parts.push(bytes);
      for await (const bytes of process.stderr) assert.fail(Buffer.from(bytes).toString());
      assert.deepEqual(await process.exit, { kind: 'exited', code: 0 });
      assert.ok(Buffer.concat(parts).equals(every));
      const words = ["it's", '$(id)', 'a  b', '', '-n', '*', '\\', 'two\nlines', '"'];
      assert.equal((await runText(host, ['printf', '%s\\0', ...words])).stdout, words.map((word) => `${word}\0`).join(''));
      assert.deepEqual((await runText(host, ['sh', '-c', 'exit 7'])).exit, { kind: 'exited', code: 7 });
      assert.deepEqual((await runText(host, ['no-such-program'])).exit, { kind: 'exited', code: 127 });
    });

    void test(`cancelling ends the command in the container (by the ${way})`, async () => {
      await using host = await open();
      const reason = new Error('enough');
      const cancel = new AbortController();
      const process = await host.exec({ argv: ['sh', '-c', 'echo started; sleep 98791'] }, { signal: cancel.signal });
      const reader = process.stdout[Symbol.asyncIterator]();
      await reader.next();
      cancel.abort(reason);
      await assert.rejects(process.exit, (error) => error === reason);
      assert.deepEqual(processesWith('98791'), []);
    });
  }

  void test('a chain whose last link fails names it', async () => {
    const connect = dockerConnector({ container: { name: 'nobody' }, engine: { kind: 'socket', path: engine.socket } });
    await assert.rejects(
      openChain(new LocalHost(), [connectorTo(server), connect]),
      (error) => CodedError.is(error, 'container-not-found') && error.context['position'] === 2,
    );
  });
});
