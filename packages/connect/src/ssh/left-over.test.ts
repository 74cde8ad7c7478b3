import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { SshServer, whyNoSshd } from '../../../../test/services/sshd.ts';
import { childrenOf, killHard, untilGone } from '../../../../test/support/process-tree.ts';
import { connectorTo, privateDirectories, useOwnTemporaryFolder } from '../../../../test/support/ssh-chain.ts';
import { LocalHost } from '../local-host.ts';
import { openChain } from '../open-chain.ts';
import { runToEnd } from '../run-to-end.ts';
import { makePrivateDirectory, sweepPrivateDirectories } from './private-directory.ts';
import { isProvablyDead, ownIdentity } from './process-identity.ts';

useOwnTemporaryFolder();

test('only a process that certainly is no more counts as dead', async () => {
  const own = ownIdentity();
  assert.equal(isProvablyDead(own), false);
  const [boot, numbering, , start] = own.split(' ');
  const child = spawn('sleep', ['300']);
  await once(child, 'spawn');
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  const identity = `${boot} ${numbering} ${child.pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  assert.equal(isProvablyDead(identity), false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(isProvablyDead(identity), true);
  assert.equal(isProvablyDead(`${boot} ${numbering} ${process.pid} 1${start}`), true, 'a number that another process has now');
  assert.equal(isProvablyDead(`another-boot ${numbering} ${process.pid} ${start}`), true, 'from before the system was started');
  assert.equal(isProvablyDead(`${boot} pid:[1] 999999999 1`), false, 'in a container whose processes cannot be seen');
  for (const unclear of ['', 'x', 'unknown 17', `${boot} ${numbering}`]) assert.equal(isProvablyDead(unclear), false, unclear);
});

test('directories of dead processes are removed, after what used them was ended; all others stay', async () => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-sweep-'));
  try {
    const mine = await makePrivateDirectory(root);
    const [boot, numbering] = ownIdentity().split(' ');
    for (const [name, owner] of [
      ['holdfast-ssh-dead', `${boot} ${numbering} 999999999 1`],
      ['holdfast-ssh-new', undefined],
      ['other', `${boot} ${numbering} 999999999 1`],
    ] as const) {
      mkdirSync(join(root, name));
      if (owner !== undefined) writeFileSync(join(root, name, 'owner'), owner);
    }
    const ended: string[] = [];
    await sweepPrivateDirectories(root, async (directory) => void ended.push(directory));
    assert.deepEqual(ended, [join(root, 'holdfast-ssh-dead')]);
    assert.deepEqual(
      readdirSync(root)
        .map((name) => join(root, name))
        .sort(),
      [join(root, 'holdfast-ssh-new'), mine, join(root, 'other')].sort(),
    );
  } finally {
    rmSync(root, { recursive: true });
  }
});

const opener = `
import { connectorTo } from ${JSON.stringify(new URL('../../../../test/support/ssh-chain.ts', import.meta.url).href)};
import { LocalHost } from ${JSON.stringify(new URL('../local-host.ts', import.meta.url).href)};
import { openChain } from ${JSON.stringify(new URL('../open-chain.ts', import.meta.url).href)};
const server = JSON.parse(process.argv[1]);
const host = await openChain(new LocalHost(), [connectorTo(server)]);
const running = await host.exec({ argv: ['sh', '-c', 'echo $$; sleep 300; true'] }, process.argv[2] === 'fed' ? { stdin: (async function* () { await new Promise(() => {}); })() } : {});
for await (const bytes of running.stdout) process.stdout.write(bytes);
`;

/** A process that has a chain open and runs a command through it, and the number of that command's process. */
async function startOpener(server: SshServer, input: 'held' | 'fed'): Promise<{ child: ChildProcess; far: number }> {
  const { port, user, hostKey, clientKey } = server;
  const parameters = ['--input-type=module', '-e', opener, JSON.stringify({ port, user, hostKey, clientKey }), input];
  const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, far: Number(line.toString().trim()) };
}

for (const input of ['held', 'fed'] as const) {
  test(`a process that is killed leaves no connection, no key and no far command (${input})`, { skip: whyNoSshd() }, async () => {
    await using server = await SshServer.start();
    const { child, far } = await startOpener(server, input);
    const helpers = childrenOf(child.pid ?? 0);
    assert.equal(privateDirectories().length, 1);
    killHard(child.pid ?? 0);
    await untilGone([far, ...helpers], 8_000);
    for (let tries = 0; privateDirectories().length > 0 && tries < 40; tries++) await systemClock.sleep(50);
    assert.deepEqual(privateDirectories(), []);
  });
}

test('what is left when the guard is killed too goes when the next chain is opened', { skip: whyNoSshd() }, async () => {
  await using server = await SshServer.start();
  const { child } = await startOpener(server, 'held');
  const [directory] = privateDirectories();
  const helpers = childrenOf(child.pid ?? 0);
  const connections = helpers.flatMap(childrenOf);
  killHard(child.pid ?? 0);
  for (const helper of helpers) killHard(helper);
  await untilGone(helpers, 2_000);
  assert.ok(directory !== undefined && existsSync(join(tmpdir(), directory, 'key')));
  await using host = await openChain(new LocalHost(), [connectorTo(server)]);
  await runToEnd(host, { argv: ['true'] });
  assert.equal(existsSync(join(tmpdir(), directory)), false);
  await untilGone(connections, 2_000);
});
