import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { layOutFiles } from '../../../../test/support/repository-files.ts';
import { type FileSet, fixturePassword, RepositoryFixture } from '../../../../test/support/repository-fixture.ts';
import { needRestic } from '../../../../test/support/restic.ts';
import { SeededRandom } from '../../../../test/support/seeded-random.ts';
import { decodeTree } from '../format/decode-tree.ts';
import { stats } from './stats.ts';
import { unionGrowth } from './union-growth.ts';

const seed = process.env['HOLDFAST_UNION_SEED'] ?? 'union growth';
const snapshotCount = Number(process.env['HOLDFAST_UNION_SNAPSHOTS'] ?? '40');

/** A repository with so many snapshots of files that change a little from one to the next, and their root trees. */
async function history(count: number): Promise<{ fixture: RepositoryFixture; ids: string[]; roots: string[] }> {
  const random = new SeededRandom(seed);
  const fixture = await RepositoryFixture.make({ scrypt: { N: 1024, r: 8, p: 1 } });
  const files: Record<string, string[]> = {};
  const ids: string[] = [];
  const roots: string[] = [];
  for (let n = 0; n < count; n++) {
    for (let change = random.below(4); change > 0; change--) {
      const path = `${random.below(3)}/${random.below(4)}/file ${random.below(12)}`;
      if (random.below(4) === 0) delete files[path];
      else files[path] = Array.from({ length: 1 + random.below(3) }, () => `blob ${random.below(60)} `.repeat(1 + random.below(300)));
    }
    files['always'] = ['there'];
    const tree = await fixture.tree(files as FileSet);
    await fixture.flush();
    roots.push(tree);
    ids.push(await fixture.snapshotOf(tree, n % 60));
  }
  return { fixture, ids, roots };
}

/** The same, the straightforward way: sets of blobs, walked anew for each snapshot. */
async function naiveGrowth(repository: RepositoryFixture['repository'], roots: readonly string[]): Promise<number[]> {
  const known = new Set<string>();
  const growth: number[] = [];
  for (const root of roots) {
    const reached = new Set<string>();
    const walk = async (tree: string): Promise<void> => {
      reached.add(`tree ${tree}`);
      for (const node of decodeTree(await repository.loadBlob('tree', tree))) {
        for (const blob of node.content ?? []) reached.add(`data ${blob}`);
        if (node.subtree !== undefined) await walk(node.subtree);
      }
    };
    await walk(root);
    let bytes = 0;
    for (const blob of reached.difference(known)) {
      const [type, id] = blob.split(' ') as ['tree' | 'data', string];
      bytes += repository.index.sealedBytes(repository.index.findHex(type, id));
      known.add(blob);
    }
    growth.push(bytes);
  }
  return growth;
}

test(`each snapshot adds what no earlier one reaches, in any order (seed ${seed})`, async () => {
  const { fixture, roots } = await history(snapshotCount);
  const { repository } = fixture;
  const random = new SeededRandom(`${seed} order`);
  const shuffled = roots.map((root) => ({ root, key: random.below(1 << 30) })).sort((a, b) => a.key - b.key);
  for (const order of [roots, [...roots].reverse(), shuffled.map(({ root }) => root), [...roots, ...roots], []]) {
    const told: number[] = [];
    const growth = await unionGrowth(repository, order, { onProgress: ({ snapshotsDone }) => told.push(snapshotsDone) });
    assert.deepEqual(growth, await naiveGrowth(repository, order));
    assert.equal(told.at(-1), order.length);
    const total = growth.reduce((sum, bytes) => sum + bytes, 0);
    const { totalBytes } = await stats(
      repository,
      order.map((tree) => ({ tree })),
      { mode: 'raw-data' },
    );
    assert.equal(total, totalBytes);
  }
});

test('the sums are those of restic stats --mode raw-data', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  const { fixture, ids, roots } = await history(6);
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-union-'));
  try {
    layOutFiles(fixture.copyFiles(), folder);
    const growth = await unionGrowth(fixture.repository, roots);
    const env = { ...process.env, RESTIC_PASSWORD: fixturePassword, RESTIC_REPOSITORY: folder };
    let sum = 0;
    for (const [i, bytes] of growth.entries()) {
      sum += bytes;
      const words = ['--no-cache', '--no-lock', 'stats', '--mode', 'raw-data', '--json', ...ids.slice(0, i + 1)];
      const theirs = JSON.parse(execFileSync(restic, words, { env, encoding: 'utf8' })) as { total_size: number };
      assert.equal(sum, theirs.total_size, `${i + 1} snapshots`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('damage is an error, and so is a root that is not there: no figure is better than a wrong one', async () => {
  const { fixture, roots } = await history(3);
  await assert.rejects(unionGrowth(fixture.repository, [...roots, 'f'.repeat(64)]), (error) => CodedError.is(error, 'blob-missing'));
  for (const name of fixture.namesOf('data')) fixture.memory.files.delete(`data/${name}`);
  await assert.rejects(unionGrowth(fixture.repository, roots), (error) => CodedError.is(error));
  await assert.rejects(unionGrowth(fixture.repository, roots, { signal: AbortSignal.abort() }));
});
