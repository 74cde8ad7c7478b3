import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { BlobRepository, plainNode } from '../../../../../test/support/blob-repository.ts';
import type { NodeType, TreeNode } from '../../format/tree-node.ts';
import { mustBePlainName } from './plan-restore.ts';
import { restore } from './restore.ts';
import type { OverwriteRule, RestoreReport } from './restore-options.ts';

/** Trees in all. The full count is 5 000. */
const treeCount = Number(process.env['HOLDFAST_EVIL_TREES'] ?? 120);
/** Trees that are restored at once, side by side, since starting threads takes longest. */
const treesPerRestore = 60;

/** Where links lead that must not be followed: `outside` stands beside the target. */
const destinations = ['../../outside', '../../outside/victim', '../../outside/dir', '../../outside/new', '..', '.', 'a', '/', ''] as const;
const names = ['a', 'b'] as const;
const hostileNames = ['..', '.', '', '/', 'a/b', '../x', '../../outside/new', 'x\0y', '\0', '/etc/holdfast-evil'] as const;

interface EvilNode {
  readonly name: string;
  readonly type: NodeType;
  readonly destination: string;
  readonly seed: number;
  readonly links: number;
  readonly inode: number;
  readonly mode: number;
  readonly children: readonly EvilNode[];
}

/** What is in the target already when the restore comes. */
interface Trap {
  readonly path: readonly string[];
  readonly kind: 'symlink' | 'hard-link' | 'directory' | 'fifo' | 'file';
  readonly destination: string;
}

interface EvilCase {
  /** Restored one after the other into the same place, as in two-step attacks. */
  readonly trees: readonly (readonly EvilNode[])[];
  readonly traps: readonly Trap[];
}

const anyName = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.constantFrom(...hostileNames) });

const { nodes } = fc.letrec<{ nodes: readonly EvilNode[] }>((tie) => ({
  nodes: fc.array(
    fc.record({
      name: anyName,
      type: fc.constantFrom<NodeType>('file', 'file', 'dir', 'dir', 'symlink', 'fifo', 'socket', 'irregular'),
      destination: fc.constantFrom(...destinations),
      seed: fc.nat(3),
      links: fc.constantFrom(1, 1, 2, 3),
      inode: fc.nat(2),
      mode: fc.constantFrom(0o644, 0o4755, 0o777, 0o000),
      children: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constant([]), tie('nodes')),
    }),
    { minLength: 1, maxLength: 4 },
  ),
}));

const evilCase: fc.Arbitrary<EvilCase> = fc.record({
  trees: fc.array(nodes, { minLength: 1, maxLength: 2 }),
  traps: fc.array(
    fc.record({
      path: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 2 }),
      kind: fc.constantFrom<Trap['kind']>('symlink', 'symlink', 'hard-link', 'directory', 'fifo', 'file'),
      destination: fc.constantFrom(...destinations),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

test('F73 evil-tree: nothing outside of the target is touched, whatever trees say and links lie in wait', {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(evilCase, { minLength: treesPerRestore, maxLength: treesPerRestore }),
      fc.constantFrom<OverwriteRule>('always', 'if-changed', 'if-newer', 'never'),
      fc.boolean(),
      async (cases, overwrite, deletes) => {
        await inTemporaryDirectory(async (root) => {
          const target = join(root, 'target');
          for (const [i, { traps }] of cases.entries()) {
            mkdirSync(join(target, `case${i}`), { recursive: true });
            for (const trap of traps) setTrap(join(target, `case${i}`), trap);
          }
          const before = describeOutside(root);
          for (const step of [0, 1]) {
            const repository = new BlobRepository();
            const tree = repository.addTree(
              cases
                .map(({ trees }, i) =>
                  plainNode({ name: `case${i}`, type: 'dir', subtree: addNodes(repository, trees[step] ?? trees[0] ?? []) }),
                )
                .sort((a, b) => Buffer.compare(a.name, b.name)),
            );
            repository.closePack();
            await restore(repository, { tree, target, overwrite, delete: deletes, verify: true });
            assert.deepEqual(describeOutside(root), before);
          }
        });
      },
    ),
    { numRuns: Math.ceil(treeCount / treesPerRestore / 2), endOnFailure: true },
  );
});

test('F73 evil-tree: names that are no plain component are refused, without help of the decoder', () => {
  for (const name of hostileNames) assert.throws(() => mustBePlainName(Buffer.from(name)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      const isPlain = text !== '' && text !== '.' && text !== '..' && !text.includes('/') && !text.includes('\0');
      if (isPlain) mustBePlainName(bytes);
      else assert.throws(() => mustBePlainName(bytes));
    }),
    { numRuns: 2000 },
  );
});

test('F73 evil-tree: links in the way are replaced, and what they lead to stays as it was', async () => {
  await inTemporaryDirectory(async (root) => {
    const target = join(root, 'target');
    mkdirSync(target);
    symlinkSync('../outside/dir', join(target, 'dir'));
    symlinkSync('../outside/victim', join(target, 'file'));
    linkSync(join(root, 'outside/victim'), join(target, 'hard'));
    symlinkSync('../outside/new', join(target, 'dangling'));
    execFileSync('mkfifo', [join(target, 'pipe')]);
    const before = describeOutside(root);
    const repository = new BlobRepository();
    const content = [repository.add('data', Buffer.from('restored'))];
    const file = { type: 'file', content, sizeBytes: 8 } as const;
    const subtree = repository.addTree([plainNode({ name: 'victim', ...file })]);
    const tree = repository.addTree([
      plainNode({ name: 'dangling', ...file }),
      plainNode({ name: 'dir', type: 'dir', subtree }),
      plainNode({ name: 'file', ...file }),
      plainNode({ name: 'hard', ...file }),
      plainNode({ name: 'pipe', ...file }),
    ]);
    repository.closePack();
    const report = await restore(repository, { tree, target });
    assert.deepEqual(shown(report), []);
    for (const path of ['dangling', 'dir/victim', 'file', 'hard', 'pipe'])
      assert.equal(readFileSync(join(target, path), 'utf8'), 'restored');
    assert.ok(lstatSync(join(target, 'dir')).isDirectory());
    // the hard link is gone from the target, which is all that may happen to the file it was a name of
    assert.deepEqual(withoutLinkCounts(describeOutside(root)), withoutLinkCounts(before));
  });
});

test('F73 evil-tree: a link put in place while the restore runs is not followed', async () => {
  await inTemporaryDirectory(async (root) => {
    const target = join(root, 'target');
    mkdirSync(target);
    const repository = new BlobRepository();
    const content = [repository.add('data', Buffer.from('restored'))];
    const files = Array.from({ length: 3000 }, (_, i) =>
      plainNode({ name: `f${String(i).padStart(4, '0')}`, type: 'file', content, sizeBytes: 8 }),
    );
    const subtree = repository.addTree([plainNode({ name: 'inner', type: 'dir', subtree: repository.addTree(files) })]);
    const tree = repository.addTree([plainNode({ name: 'swapped', type: 'dir', subtree })]);
    repository.closePack();
    mkdirSync(join(root, 'outside/dir/inner'));
    const before = describeOutside(root);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const attacker = new Worker(swapForever, {
      eval: true,
      workerData: { place: join(target, 'swapped'), outside: join(root, 'outside/dir'), stop },
    });
    const ended = new Promise<void>((resolve, reject) => attacker.once('exit', () => resolve()).once('error', reject));
    try {
      for (let i = 0; i < 4; i++) await restore(repository, { tree, target, verify: true, delete: i % 2 === 1 });
    } finally {
      Atomics.store(stop, 0, 1);
      await ended;
    }
    assert.deepEqual(describeOutside(root), before);
  });
});

/** Puts a link in place of the directory and the directory back, again and again. */
const swapForever = `
const { renameSync, rmSync, symlinkSync, mkdirSync } = require('node:fs');
const { place, outside, stop } = require('node:worker_threads').workerData;
const attempt = (act) => { try { act(); } catch {} };
while (Atomics.load(stop, 0) === 0) {
  attempt(() => renameSync(place, place + '-away'));
  attempt(() => symlinkSync(outside, place));
  attempt(() => rmSync(place, { force: true }));
  attempt(() => renameSync(place + '-away', place));
}`;

function addNodes(repository: BlobRepository, evil: readonly EvilNode[]): string {
  const unique = new Map(evil.map((node) => [node.name, node]));
  const made = [...unique.values()].map((node): TreeNode => {
    const content = Buffer.from(`content ${node.seed}`);
    return plainNode({
      name: node.name,
      type: node.type,
      mode: node.mode,
      links: node.links,
      inode: BigInt(node.inode),
      linkTarget: node.type === 'symlink' ? Buffer.from(node.destination || 'x') : undefined,
      content: node.type === 'file' ? [repository.add('data', content)] : null,
      sizeBytes: node.type === 'file' ? content.byteLength : 0,
      subtree: node.type === 'dir' ? addNodes(repository, node.children) : undefined,
    });
  });
  return repository.addTree(made.sort((a, b) => Buffer.compare(a.name, b.name)));
}

function setTrap(directory: string, { path, kind, destination }: Trap): void {
  const place = join(directory, ...path);
  if (path.length > 1) {
    const first = lstatSync(join(directory, path[0] ?? ''), { throwIfNoEntry: false });
    if (first === undefined) mkdirSync(join(directory, path[0] ?? ''));
    else if (!first.isDirectory()) return; // an earlier trap: nothing is put through it
  }
  if (lstatSync(place, { throwIfNoEntry: false }) !== undefined) return;
  if (kind === 'symlink') symlinkSync(destination === '' ? 'nowhere' : `${'../'.repeat(path.length - 1)}${destination}`, place);
  else if (kind === 'hard-link') linkSync(join(directory, '../../outside/linked'), place);
  else if (kind === 'directory') mkdirSync(join(place, 'not-empty'), { recursive: true });
  else if (kind === 'fifo') execFileSync('mkfifo', [place]);
  else writeFileSync(place, 'content 1');
}

async function inTemporaryDirectory(work: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-evil-'));
  mkdirSync(join(root, 'outside/dir'), { recursive: true });
  writeFileSync(join(root, 'outside/victim'), 'content 1');
  writeFileSync(join(root, 'outside/linked'), 'content 1');
  writeFileSync(join(root, 'outside/dir/victim'), 'untouched');
  chmodSync(join(root, 'outside/victim'), 0o640);
  try {
    await work(root);
  } finally {
    execFileSync('chmod', ['-R', 'u+rwx', root]);
    rmSync(root, { recursive: true, force: true });
  }
}

/** All that can be seen of what lies beside the target: also what only changes when a file is touched (ctime). */
function describeOutside(root: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (path: string): void => {
    const { mode, uid, gid, size, mtimeNs, ctimeNs, nlink } = lstatSync(join(root, path), { bigint: true });
    // making and removing names of a hard-linked file changes its ctime and count, and is allowed below the target
    const isShared = path.endsWith('/linked');
    seen[path] = [mode, uid, gid, size, mtimeNs, ...(isShared ? [] : [ctimeNs, nlink])].join(' ');
    const isDirectory = (mode & 0o170000n) === 0o040000n;
    if (isDirectory) for (const name of readdirSync(join(root, path))) visit(`${path}/${name}`);
    else seen[path] += readFileSync(join(root, path), 'utf8');
  };
  visit('outside');
  seen['names'] = readdirSync(root).sort().join(' ');
  return seen;
}

function withoutLinkCounts(seen: Record<string, string>): string[][] {
  return Object.entries(seen).map(([path, facts]) => [path, ...facts.split(' ').filter((_, i) => i !== 5 && i !== 6)]);
}

function shown(report: RestoreReport): string[] {
  return report.problems.map(({ path, error }) => `${path}: ${error.message}`);
}
