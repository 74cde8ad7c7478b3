import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { BlobRepository, plainNode } from '../../../../../test/support/blob-repository.ts';
import { restore } from './restore.ts';

const fileBytes = 1 << 20;

/** A repository of so many files of 1 MiB, each in a pack of its own. */
function largeRepository(files: number): { repository: BlobRepository; tree: string } {
  const repository = new BlobRepository();
  const nodes = Array.from({ length: files }, (_, i) => {
    const id = repository.add('data', Buffer.alloc(fileBytes, `file ${i} `));
    repository.closePack();
    return plainNode({ name: `f${String(i).padStart(4, '0')}`, type: 'file', content: [id], sizeBytes: fileBytes });
  });
  const tree = repository.addTree(nodes);
  repository.closePack();
  return { repository, tree };
}

function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-ends-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('a full target ends the restore with one clear error, and what is there can be continued', (t) => {
  const path = temporaryDirectory(t);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', path], { stdio: 'ignore' });
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error;
    return t.skip('needs to mount a tmpfs');
  }
  return (async () => {
    try {
      const { repository, tree } = largeRepository(20);
      await assert.rejects(
        restore(repository, { tree, target: path }),
        (error) => CodedError.is(error, 'target-unwritable') && error.context['errno'] === 'ENOSPC' && error.message.includes('no room'),
      );
      const few = largeRepository(4);
      for (const name of readdirSync(path)) if (name > 'f0003') rmSync(join(path, name)); // the user makes room
      const report = await restore(few.repository, { tree: few.tree, target: path, overwrite: 'if-changed' });
      assert.deepEqual(report.problems, []);
      assert.equal(readdirSync(path).length, 4);
    } finally {
      execFileSync('umount', [path]);
    }
  })();
});

test('a target that cannot be written to is one error, before anything is loaded', async (t) => {
  const path = temporaryDirectory(t);
  const { repository, tree } = largeRepository(1);
  const file = join(path, 'file');
  await restore(repository, { tree, target: file });
  const blocked = join(file, 'f0000');
  await assert.rejects(restore(repository, { tree, target: blocked }), (error) => CodedError.is(error, 'target-unwritable'));
  await assert.rejects(restore(repository, { tree, target: join(blocked, 'below') }), (error) => CodedError.is(error, 'target-unwritable'));
  if (process.getuid?.() === 0) return; // who may write everywhere has no closed directory
  const closed = join(path, 'closed');
  mkdirSync(closed, { mode: 0o500 });
  await assert.rejects(restore(repository, { tree, target: closed }), (error) => CodedError.is(error, 'target-unwritable'));
  chmodSync(closed, 0o700);
});

test('cancelling ends a restore soon, and restoring again continues with what is there', async (t) => {
  const path = temporaryDirectory(t);
  const { repository, tree } = largeRepository(64);
  const before = descriptorCount();
  const reason = new CodedError({ code: 'cancelled', message: 'enough' });
  const controller = new AbortController();
  const running = restore(repository, {
    tree,
    target: path,
    signal: controller.signal,
    onProgress: ({ bytesRestored }) => {
      if (bytesRestored >= 4 * fileBytes) controller.abort(reason);
    },
  });
  await assert.rejects(running, (error) => error === reason);
  const done = readdirSync(path).filter((name) => statSync(join(path, name)).mtimeMs < Date.now() - 1e9).length;
  assert.ok(done > 0 && done < 64, `${done} files were done`);
  assert.equal(descriptorCount(), before);
  const report = await restore(repository, { tree, target: path, overwrite: 'if-changed', verify: true });
  assert.deepEqual(report.problems, []);
  assert.ok(report.filesSkipped >= done && report.filesRestored <= 64 - done);
  assert.equal(readFileSync(join(path, 'f0063')).byteLength, fileBytes);
  await assert.rejects(
    restore(repository, { tree, target: join(path, 'never'), signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
});

test('a storage out of reach ends the restore instead of failing every file', async (t) => {
  const path = temporaryDirectory(t);
  const { repository, tree } = largeRepository(8);
  const unreachable = new CodedError({ code: 'storage-unreachable', message: 'gone', retry: 'temporary' });
  const load = repository.storage.load.bind(repository.storage);
  let loads = 0;
  repository.storage.load = (...call) => (call[0].type === 'data' && ++loads > 4 ? Promise.reject(unreachable) : load(...call));
  await assert.rejects(restore(repository, { tree, target: path }), (error) => error === unreachable);
});

test('options that contradict each other are refused, and a path that is not there is named', async (t) => {
  const path = temporaryDirectory(t);
  const { repository, tree } = largeRepository(1);
  const all = { match: () => ({ matched: true, childMayMatch: true }) };
  const target = join(path, 'target');
  await assert.rejects(restore(repository, { tree, target, include: all, exclude: all }), (error) =>
    CodedError.is(error, 'invalid-argument'),
  );
  await assert.rejects(restore(repository, { tree, target, includeAttributes: [], excludeAttributes: [] }), (error) =>
    CodedError.is(error, 'invalid-argument'),
  );
  for (const subpath of ['missing', 'f0000/below']) {
    await assert.rejects(restore(repository, { tree, target, subpath: Buffer.from(subpath) }), (error) => {
      return CodedError.is(error, 'path-not-found') && error.message.includes(subpath);
    });
  }
  assert.ok(!existsSync(target) || readdirSync(target).length === 0);
});

/** Open descriptors of this process, to see that none is left. */
function descriptorCount(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}
