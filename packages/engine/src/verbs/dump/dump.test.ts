import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { BlobRepository, plainNode } from '../../../../../test/support/blob-repository.ts';
import { compareTrees, showDifferences } from '../../../../../test/support/compare-trees.ts';
import { needRestic } from '../../../../../test/support/restic.ts';
import { makeTortureTree } from '../../../../../test/support/torture-tree.ts';
import { Repository } from '../../repository/repository.ts';
import { dump } from './dump.ts';

test('an archive of a directory, unpacked by GNU tar, is the directory again', { timeout: 300_000 }, async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  if (!hasGnuTar()) return t.skip('needs GNU tar');
  const root = mkdtempSync(join(tmpdir(), 'holdfast-dump-'));
  const [source, path, out] = [join(root, 'source'), join(root, 'repository'), join(root, 'out')];
  try {
    await makeTortureTree(source, { sparseBytes: 5 << 20, wideEntries: 50 });
    const environment = { ...process.env, RESTIC_PASSWORD: 'p' };
    for (const command of [['init'], ['backup', '-q', '.']]) {
      execFileSync(restic, ['-r', path, '--no-cache', ...command], { cwd: source, env: environment, stdio: 'ignore' });
    }
    await using repository = await Repository.open({ storage: new LocalStorage({ path }), password: new Secret('p') });
    const [snapshot] = await repository.snapshots();
    await repository.loadIndex();
    const tree = snapshot?.tree ?? '';
    mkdirSync(out);
    const { kind, content } = await dump(repository, { tree, path: Buffer.from('/') });
    assert.equal(kind, 'tar');
    const isRoot = process.getuid?.() === 0;
    const flags = ['--xattrs', '--xattrs-include=*', '--acls', '-xpf', '-', '--delay-directory-restore', '--warning=no-timestamp'];
    const tar = spawn('tar', ['-C', out, ...flags, ...(isRoot ? ['--numeric-owner', '--same-owner'] : [])], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const complaints: Buffer[] = [];
    tar.stderr.on('data', (bytes: Buffer) => complaints.push(bytes));
    const closed = once(tar, 'close');
    await pipeline(Readable.from(content, { objectMode: false }), tar.stdin);
    const [code] = await closed;
    assert.equal(code, 0, Buffer.concat(complaints).toString());
    // a link that is another name of a link is no entry that tar has
    const differences = compareTrees(Buffer.from(source), Buffer.from(out)).filter(
      ({ path: at }) => !at.toString().startsWith('links/relative'),
    );
    assert.equal(showDifferences(differences), '');
    const file = await dump(repository, { tree, path: Buffer.from('sizes/20000000') });
    assert.equal(file.kind, 'file');
    const bytes = Buffer.concat(await Array.fromAsync(file.content));
    assert.ok(bytes.equals(execFileSync('cat', [join(source, 'sizes/20000000')], { maxBuffer: 1 << 26 })));
  } finally {
    execFileSync('rm', ['-rf', root]);
  }
});

test('part of a tree is named from its top on, and what is not right ends the stream', async () => {
  const repository = new BlobRepository();
  const good = repository.add('data', Buffer.from('good'));
  repository.closePack();
  const lost = repository.add('data', Buffer.from('lost'));
  repository.storage.files.delete(`data/${repository.closePack()}`);
  const file = { type: 'file', sizeBytes: 4 } as const;
  const inner = repository.addTree([plainNode({ name: 'file', ...file, content: [good] })]);
  const middle = repository.addTree([plainNode({ name: 'inner', type: 'dir', subtree: inner })]);
  const tree = repository.addTree([
    plainNode({ name: 'link', type: 'symlink', linkTarget: Buffer.from('x') }),
    plainNode({ name: 'lost', ...file, content: [good, lost], sizeBytes: 8 }),
    plainNode({ name: 'middle', type: 'dir', subtree: middle }),
    plainNode({ name: 'wrong', ...file, content: [good], sizeBytes: 5 }),
  ]);
  repository.closePack();
  const read = async (path: string): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync((await dump(repository, { tree, path: Buffer.from(path) })).content));
  assert.equal((await read('middle/inner/file')).toString(), 'good');
  const archive = await read('/middle/');
  if (hasGnuTar()) {
    const listed = execFileSync('tar', ['-tf', '-'], { input: archive, encoding: 'utf8' });
    assert.deepEqual(listed.trim().split('\n'), ['middle/inner/', 'middle/inner/file']);
  }
  const fails = (path: string, code: string): Promise<void> =>
    assert.rejects(read(path), (error) => CodedError.is(error) && error.code === code);
  await fails('lost', 'storage-not-found');
  await fails('wrong', 'format-invalid');
  await fails('', 'storage-not-found');
  await fails('link', 'invalid-argument');
  await fails('missing', 'path-not-found');
  await fails('wrong/below', 'path-not-found');
});

function hasGnuTar(): boolean {
  try {
    return execFileSync('tar', ['--version'], { encoding: 'utf8' }).includes('GNU tar');
  } catch {
    return false;
  }
}
