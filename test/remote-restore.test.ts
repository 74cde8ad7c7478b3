import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import type { Host } from '@holdfast/connect/port';
import { CodedError, Secret } from '@holdfast/kernel';
import { FilePush, type FilePushOptions, type FilePushReport, findFarTools } from '@holdfast/source/files';
import { MemoryStorage } from '@holdfast/storage/memory';
import { backup, dump, Repository } from '../packages/engine/src/index.ts';
import { BlobRepository, plainNode } from './support/blob-repository.ts';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { alteredHost } from './support/far-hosts.ts';
import { farPlaces } from './support/far-places.ts';
import { makeTortureTree } from './support/torture-tree.ts';

function temporary(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-push-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** A snapshot of a directory; its path in the tree, and the means to read it. */
async function snapshotOf(source: string): Promise<{ readonly repository: Repository; readonly tree: string }> {
  const repository = await Repository.init({ storage: new MemoryStorage(), password: new Secret('p'), scrypt: { N: 16, r: 1, p: 1 } });
  await using lock = await repository.lockAndLoadIndex({ exclusive: false });
  const report = await backup([{ repository, lock, parent: undefined }], { targets: [Buffer.from(source)] });
  return { repository, tree: report.tree };
}

/** What is below the source in the snapshot goes below the target. */
async function push(
  host: Host,
  from: { readonly repository: Parameters<typeof dump>[0]; readonly tree: string },
  options: Omit<FilePushOptions, 'tools'>,
): Promise<FilePushReport> {
  const files = await FilePush.open(host, { ...options, tools: await findFarTools(host) });
  const select = (path: Buffer, node: Parameters<typeof files.takes>[1]): boolean => files.takes(path, node);
  const archive = await dump(from.repository, { tree: from.tree, path: Buffer.alloc(0), format: files.format, select });
  return files.unpack(archive.content);
}

for (const far of farPlaces) {
  test(`a tree that is unpacked by ${far.name} is the tree again`, { timeout: 600_000 }, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const [source, target] = [join(root, 'source'), join(root, 'deep', 'target')];
    await makeTortureTree(source, { sparseBytes: 5 << 20, wideEntries: 50 });
    // The deepest path would be too long below the target.
    rmSync(join(source, 'deep'), { recursive: true });
    const snapshot = await snapshotOf(source);
    const report = await push(host, snapshot, { target: Buffer.from(target), overwrite: 'always' });
    assert.deepEqual(
      report.problems.map(({ path, reason }) => `${Buffer.from(path).toString()} ${reason}`),
      [],
    );
    const lost = far.hasBusyBox ? (['atime', 'mtime', 'attributes'] as const) : (['atime'] as const);
    // A link that is another name of a link is no entry that tar has.
    const differences = compareTrees(Buffer.from(source), Buffer.from(join(target, source)), { ignore: lost }).filter(
      ({ path, aspect }) =>
        !path.toString().startsWith('links/relative') &&
        !path.toString().startsWith('links/hard link to a link') &&
        !(far.hasBusyBox && aspect === 'owner' && path.toString() === 'modes/owned link'),
    );
    assert.equal(showDifferences(differences), '');
  });

  test(`the overwrite rules hold with ${far.name}, and a dry run changes nothing and counts the same`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const source = join(root, 'source');
    mkdirSync(source);
    for (const name of ['same', 'older there', 'newer there', 'missing']) writeFileSync(join(source, name), `snapshot ${name}`);
    for (const name of ['same', 'older there', 'newer there', 'missing']) utimesSync(join(source, name), 1_600_000_000, 1_600_000_000);
    const snapshot = await snapshotOf(source);
    const expected = {
      always: ['snapshot same', 'snapshot older there', 'snapshot newer there', 'snapshot missing'],
      'if-changed': ['snapshot same', 'snapshot older there', 'snapshot newer there', 'snapshot missing'],
      'if-newer': ['snapshot same', 'snapshot older there', 'there', 'snapshot missing'],
      never: ['snapshot same', 'there', 'there', 'snapshot missing'],
    } as const;
    const left = { always: 0, 'if-changed': 1, 'if-newer': 2, never: 3 } as const;
    for (const overwrite of ['always', 'if-changed', 'if-newer', 'never'] as const) {
      const target = join(root, overwrite);
      const at = (name: string): string => join(target, source, name);
      mkdirSync(join(target, source), { recursive: true });
      writeFileSync(at('same'), 'snapshot same');
      utimesSync(at('same'), 1_600_000_000, 1_600_000_000);
      writeFileSync(at('older there'), 'there');
      utimesSync(at('older there'), 1_500_000_000, 1_500_000_000);
      writeFileSync(at('newer there'), 'there');
      const options = { target: Buffer.from(target), places: [Buffer.from(source.slice(1))], overwrite };
      const dry = await push(host, snapshot, { ...options, dryRun: true });
      assert.ok(!existsSync(at('missing')));
      const report = await push(host, snapshot, options);
      assert.deepEqual(report, dry);
      assert.deepEqual(report.problems, []);
      assert.equal(report.left, left[overwrite], overwrite);
      const names = ['same', 'older there', 'newer there', 'missing'];
      assert.deepEqual(
        names.map((name) => readFileSync(at(name), 'utf8')),
        expected[overwrite],
        overwrite,
      );
      assert.equal(statSync(at('missing')).mtimeMs, 1_600_000_000_000);
    }
  });

  test(`nothing is written through a link that is in the way at a place restored to with ${far.name}`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    const [source, target, outside] = [join(root, 'source'), join(root, 'target'), join(root, 'outside')];
    mkdirSync(join(source, 'directory'), { recursive: true });
    writeFileSync(join(source, 'directory', 'file'), 'from the snapshot');
    writeFileSync(join(source, 'plain'), 'from the snapshot');
    mkdirSync(outside);
    writeFileSync(join(outside, 'file'), 'not to be touched');
    writeFileSync(join(outside, 'plain'), 'not to be touched');
    const snapshot = await snapshotOf(source);
    mkdirSync(join(target, source), { recursive: true });
    symlinkSync(outside, join(target, source, 'directory'));
    symlinkSync(join(outside, 'plain'), join(target, source, 'plain'));
    const report = await push(host, snapshot, { target: Buffer.from(target), overwrite: 'always' });
    assert.deepEqual(
      report.problems.map(({ path, kind }) => `${kind} ${Buffer.from(path)}`),
      [`content ${source.slice(1)}/directory`],
    );
    assert.equal(readFileSync(join(outside, 'file'), 'utf8'), 'not to be touched');
    assert.equal(readFileSync(join(outside, 'plain'), 'utf8'), 'not to be touched');
    assert.equal(readFileSync(join(target, source, 'plain'), 'utf8'), 'from the snapshot');
  });

  test(`hostile names in a tree never leave the target with ${far.name}`, async (t) => {
    const root = temporary(t);
    const host = await far.open(t, root);
    if (host === undefined) return;
    for (const name of ['..', '.', '../escaped', '/escaped', 'a/b', '']) {
      const target = join(root, 'target');
      const repository = new BlobRepository();
      const content = repository.add('data', Buffer.from('evil'));
      const inner = repository.addTree([plainNode({ name, type: 'file', sizeBytes: 4, content: [content] })]);
      const tree = repository.addTree([plainNode({ name: 'directory', type: 'dir', subtree: inner })]);
      repository.closePack();
      const pushed = push(host, { repository, tree }, { target: Buffer.from(target), overwrite: 'always' });
      await assert.rejects(pushed, (error) => CodedError.is(error, 'format-invalid'), name);
      assert.ok(!existsSync(join(root, 'escaped')));
    }
    // A name that is a link first and a directory then cannot be in a tree: names are in ascending order, each once.
    const repository = new BlobRepository();
    const inner = repository.addTree([plainNode({ name: 'file', type: 'file', sizeBytes: 0, content: [] })]);
    const tree = repository.addTree([
      plainNode({ name: 'x', type: 'symlink', linkTarget: Buffer.from(root) }),
      plainNode({ name: 'x', type: 'dir', subtree: inner }),
    ]);
    repository.closePack();
    const pushed = push(host, { repository, tree }, { target: Buffer.from(join(root, 'twice')), overwrite: 'always' });
    await assert.rejects(pushed, (error) => CodedError.is(error, 'format-invalid'));
    assert.ok(!existsSync(join(root, 'file')));
  });
}

test('a restore that may not write is told item by item, or fails as a whole', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root, to be somebody else');
  const root = temporary(t);
  const source = join(root, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'file'), 'x');
  const snapshot = await snapshotOf(source);
  await using host = new LocalHost();
  await using nobody = alteredHost(host, { command: (command) => ({ ...command, user: 'nobody' }) });
  const pushed = push(nobody, snapshot, { target: Buffer.from('/root/forbidden'), overwrite: 'always' });
  await assert.rejects(pushed, (error) => CodedError.is(error, 'target-unwritable'));
  assert.ok(!existsSync('/root/forbidden'));
});
