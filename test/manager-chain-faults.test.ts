import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Backup, RunDetails, Source } from '@holdfast/contract';
import { whyNoDocker } from './services/dockerd.ts';
import { SshServer, signal, whyNoSshd } from './services/sshd.ts';
import { ChainedManager, filesAt } from './support/chained-manager.ts';
import { useOwnTemporaryFolder } from './support/ssh-chain.ts';

useOwnTemporaryFolder();

/** A source that has something to say for so long that there is time for a fault. */
const slow = {
  driver: 'command' as const,
  argv: ['sh', '-c', 'i=0; while [ $i -lt 600 ]; do echo "line $i"; i=$((i+1)); sleep 0.2; done'],
  fileName: 'lines',
  expectedExitCodes: [0],
  mayBeEmpty: false,
} satisfies Source;

await suite('faults of links in mid-run, by the API of the web page', { skip: whyNoDocker() ?? whyNoSshd() }, async () => {
  let manager: ChainedManager;
  before(async () => {
    manager = await ChainedManager.start();
  });
  after(async () => await manager[Symbol.asyncDispose]());

  /** Starts it, waits until content flows, does that to the chain, and returns how the run ended. */
  async function struck(backup: Backup, fault: () => Promise<void> | void): Promise<RunDetails> {
    const id = await manager.run(backup);
    for await (const event of await manager.client.runs.events({ id })) if (event.type === 'log' && event.text.startsWith('Reached')) break;
    await delay(3000);
    await fault();
    const run = await manager.follow(id);
    assert.deepEqual((await manager.client.snapshots.list({ backupId: backup.id })).items, [], 'no snapshot claims to be one');
    return run;
  }

  /** The same place does its work again. */
  async function worksAgain(backup: Backup, changes: { chain?: string[] } = {}): Promise<void> {
    const { config, version } = await manager.client.backups.get({ id: backup.id });
    const quick: Source = { ...slow, argv: ['echo', 'again'] };
    await manager.client.backups.update({ id: backup.id, version, config: { ...config, ...changes, source: quick } });
    await manager.succeeded(await manager.run(backup));
  }

  function freeze(server: SshServer, how: 'SIGSTOP' | 'SIGCONT'): void {
    for (const pid of server.connections()) signal(pid, how);
  }

  /** An sshd that is killed, and its sessions. */
  async function killed(): Promise<void> {
    const lost = await SshServer.start();
    await manager.keepSsh('killed', lost);
    const backup = await manager.define('Killed', ['one', 'killed'], slow);
    const run = await struck(backup, async () => await lost[Symbol.asyncDispose]());
    assert.deepEqual([run.outcome, run.error?.code], ['failed', 'connection-lost']);
    assert.match(String(run.error?.message), new RegExp(String(lost.port)));
    await worksAgain(backup, { chain: manager.idsOf(['one', 'two']) });
  }

  /** A connection that says nothing any more: given up within its time. */
  async function frozen(): Promise<void> {
    const stopped = await SshServer.start();
    await manager.keepSsh('frozen', stopped);
    const backup = await manager.define('Frozen', ['frozen'], slow);
    const startMs = performance.now();
    const run = await struck(backup, () => freeze(stopped, 'SIGSTOP'));
    assert.ok(performance.now() - startMs < 150_000);
    assert.deepEqual([run.outcome, run.error?.code], ['failed', 'connection-lost']);
    assert.match(String(run.error?.message), new RegExp(String(stopped.port)));
    freeze(stopped, 'SIGCONT');
    await worksAgain(backup);
    await stopped[Symbol.asyncDispose]();
  }

  /** A container that goes away: it works again when there is one of that name. */
  async function removed(): Promise<void> {
    manager.runBox('removed');
    await manager.keepBox('removed');
    const backup = await manager.define('Removed', ['one', 'removed'], slow);
    const run = await struck(backup, () => void manager.engine.docker(['rm', '--force', 'removed']));
    assert.equal(run.outcome, 'failed');
    assert.match(String(run.error?.message), /removed/);
    const none = await manager.follow(await manager.run(backup));
    assert.deepEqual([none.outcome, none.error?.code], ['failed', 'container-not-found']);
    manager.runBox('removed');
    await worksAgain(backup);
  }

  /** A host that is another one afterwards: both fingerprints are told. */
  async function changed(): Promise<void> {
    const first = await SshServer.start();
    await manager.keepSsh('changed', first);
    const backup = await manager.define('Changed', ['changed'], slow);
    await struck(backup, async () => await first[Symbol.asyncDispose]());
    await using other = await SshServer.start({ port: first.port });
    const run = await manager.follow(await manager.run(backup));
    assert.deepEqual([run.outcome, run.error?.code], ['failed', 'host-key-changed']);
    const { failed } = await manager.client.connections.test({ chain: manager.idsOf(['changed']) });
    assert.equal(failed?.shownKey, other.hostKey.split(' ').slice(0, 2).join(' '));
    assert.ok(failed?.pinnedFingerprints?.startsWith('SHA256:') && failed.pinnedFingerprints !== failed.shownFingerprint);
  }

  test('killed, frozen, removed, changed: the run fails within its time with the link named, leaves nothing, and the next one succeeds', async () => {
    await Promise.all([frozen(), killed(), removed(), changed()]);
    manager.nothingLeft();
  });

  test('a server that is gone is a failed run that names the link, and leaves nothing; the next one succeeds', async () => {
    const lost = await SshServer.start();
    await manager.keepSsh('lost', lost);
    mkdirSync(join(manager.root, 'small'));
    const backup = await manager.define('Lost', ['one', 'lost'], filesAt(join(manager.root, 'small')));
    await manager.succeeded(await manager.run(backup));
    const { port } = lost;
    await lost[Symbol.asyncDispose]();
    const run = await manager.follow(await manager.run(backup));
    assert.deepEqual([run.outcome, run.error?.code], ['failed', 'link-unreachable']);
    assert.match(String(run.error?.message), new RegExp(`Link 2 of 2: .*${port}`));
    assert.equal((await manager.client.snapshots.list({ backupId: backup.id })).items.length, 1);
    manager.nothingLeft();
    const second = manager.hops[1] ?? assert.fail();
    const back = await manager.client.connections.update({
      id: manager.idsOf(['lost'])[0] ?? '',
      options: manager.sshOptions(second, [second.hostKey.split(' ').slice(0, 2).join(' ')]),
      secrets: { privateKey: second.clientKey },
    });
    assert.deepEqual(back.backupIds, [backup.id]);
    await manager.succeeded(await manager.run(backup));
    await assert.rejects(manager.client.connections.remove({ id: back.id }), /go over it/);
  });
});
