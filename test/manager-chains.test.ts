import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Source } from '@holdfast/contract';
import { whyNoDocker } from './services/dockerd.ts';
import { whyNoSshd } from './services/sshd.ts';
import { ChainedManager, filesAt, triedChains } from './support/chained-manager.ts';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { useOwnTemporaryFolder } from './support/ssh-chain.ts';
import { makeTortureTree } from './support/torture-tree.ts';

useOwnTemporaryFolder();

await suite('files through chains, by the API of the web page', { skip: whyNoDocker() ?? whyNoSshd() }, async () => {
  let manager: ChainedManager;
  let source: string;

  before(async () => {
    manager = await ChainedManager.start();
    source = join(manager.root, 'source');
    await makeTortureTree(source, { sparseBytes: 2 << 20, wideEntries: 50 });
    // Below the directory that is restored into, the deepest path would be too long.
    rmSync(join(source, 'deep'), { recursive: true });
  });
  after(async () => await manager[Symbol.asyncDispose]());

  for (const chain of triedChains) {
    const way = `local → ${chain.join(' → ')}`;

    test(`${way}: files are backed up and restored to an equal tree`, async () => {
      const tried = await manager.client.connections.test({ chain: manager.idsOf(chain) });
      assert.deepEqual([tried.works, tried.links.length], [true, chain.length], JSON.stringify(tried));
      const backup = await manager.define(`Files ${way}`, chain, filesAt(source));
      const first = await manager.succeeded(await manager.run(backup));
      const second = await manager.succeeded(await manager.run(backup));
      assert.ok(first.report?.kind === 'backup' && second.report?.kind === 'backup');
      assert.deepEqual([second.report.filesNew, second.report.filesChanged], [0, 0], 'nothing travels that is there');
      assert.equal(second.report.filesUnmodified, first.report.filesNew);
      const target = join(manager.root, `restored ${chain.join()}`);
      const asked = { storedSnapshotId: await manager.newestSnapshot(backup.id), chain: manager.idsOf(chain), target };
      const restored = await manager.succeeded((await manager.client.runs.startRestore(asked)).id);
      assert.ok(restored.report?.kind === 'restore');
      assert.deepEqual([restored.report.verified, restored.report.filesKept], [true, 0]);
      const differences = compareTrees(Buffer.from(source), Buffer.from(join(target, source)), { ignore: ['atime', 'attributes'] }).filter(
        // A link that is another name of a link is no entry that tar has.
        ({ path }) => !/^links\/(relative|hard link to a link)/.test(path.toString()),
      );
      assert.equal(showDifferences(differences), '');
      rmSync(target, { recursive: true });
      if (chain.length === 1) {
        const planned = await manager.succeeded((await manager.client.runs.startRestore({ ...asked, dryRun: true })).id);
        assert.ok(planned.report?.kind === 'restore');
        assert.equal(planned.report.filesRestored, restored.report.filesRestored);
        assert.ok(!readdirSync(manager.root).includes(`restored ${chain.join()}`), 'a dry run writes nothing');
      }
      manager.nothingLeft();
    });
  }

  test('local → one: a volume is read while the container that uses it is paused', async () => {
    manager.engine.docker(['volume', 'create', 'shop']);
    manager.engine.run('user', ['--volume', 'shop:/data']);
    manager.engine.docker(['exec', 'user', 'sh', '-c', 'echo it is here >/data/file']);
    const volume: Source = {
      driver: 'docker-volume',
      volumes: ['shop'],
      program: 'docker',
      socket: manager.engine.socket,
      containers: 'pause',
      excludes: [],
      excludeCaches: false,
      oneFileSystem: false,
      excludeLargerThanBytes: null,
    };
    const backup = await manager.define('Volume', ['one'], volume);
    const run = await manager.succeeded(await manager.run(backup));
    assert.equal(run.report?.kind === 'backup' && run.report.files, 1);
    assert.match(manager.engine.docker(['ps', '--format', '{{.Names}} {{.State}}']), /user running/);
    const log = await manager.client.runs.log({ id: run.id });
    assert.ok(log.some(({ text }) => text === 'Paused user'));
    manager.nothingLeft();
  });
});
