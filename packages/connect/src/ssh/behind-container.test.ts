import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { startDockerd, whyNoDocker } from '../../../../test/services/dockerd.ts';
import { SshServer, whyNoSshd } from '../../../../test/services/sshd.ts';
import { connectorTo, privateDirectories, useOwnTemporaryFolder } from '../../../../test/support/ssh-chain.ts';
import { openCommandStream } from '../command-stream.ts';
import { dockerConnector } from '../docker/index.ts';
import { LocalHost } from '../local-host.ts';
import { openChain } from '../open-chain.ts';
import type { Connector } from '../port.ts';
import { collectTail } from '../run-to-end.ts';

useOwnTemporaryFolder();

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

test('ssh → docker → ssh: a container carries the next hop, whose keys stay here', { skip: whyNoSshd() ?? whyNoDocker() }, async () => {
  await using first = await SshServer.start();
  await using last = await SshServer.start();
  await using engine = await startDockerd();
  engine.docker(['run', '--detach', '--name', 'between', '--network', 'host', 'busybox', 'sleep', '100000']);
  const container = dockerConnector({ container: { name: 'between' }, engine: { kind: 'socket', path: engine.socket } });
  /** As a container with a network of its own does it: by a program in it. */
  const withNetcat: Connector = async (via, options) => {
    const host = await container(via, options);
    return {
      description: host.description,
      exec: async (command, execOptions) => await host.exec(command, execOptions),
      dial: async ({ host: name, port }) => await openCommandStream(host, { argv: ['nc', name, String(port)] }),
      explain: (command) => host.explain(command),
      [Symbol.asyncDispose]: async () => await host[Symbol.asyncDispose](),
    };
  };
  const probe = Buffer.from(Array.from({ length: 2_000_000 }, (_, index) => (index * 7 + (index >> 9)) & 0xff));
  for (const link of [container, withNetcat]) {
    await using host = await openChain(new LocalHost(), [connectorTo(first), link, connectorTo(last)]);
    assert.match(host.description, /^ssh .* → docker between → ssh /);
    await using running = await host.exec(
      { argv: ['sh', '-c', 'set -- $SSH_CONNECTION; echo "$4"; cat; exit 255'] },
      { stdin: once(probe) },
    );
    const said = collectTail(running.stderr);
    const parts: Uint8Array[] = [];
    for await (const bytes of running.stdout) parts.push(bytes);
    const came = Buffer.concat(parts);
    const line = `${last.port}\n`;
    assert.equal(came.subarray(0, line.length).toString(), line, 'it runs on the last host');
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    assert.equal(hash(came.subarray(line.length)), hash(probe));
    assert.deepEqual([await said, await running.exit], ['', { kind: 'exited', code: 255 }]);
  }
  assert.deepEqual(privateDirectories(), []);
  const closed = connectorTo(last);
  await last[Symbol.asyncDispose]();
  await assert.rejects(
    openChain(new LocalHost(), [connectorTo(first), withNetcat, closed]),
    (error) => CodedError.is(error, 'link-unreachable') && error.context['position'] === 3,
  );
  assert.deepEqual(privateDirectories(), []);
});
