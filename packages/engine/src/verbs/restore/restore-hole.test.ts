import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import fc from 'fast-check';
import { BlobRepository, plainNode } from '../../../../../test/support/blob-repository.ts';
import { mustBeComplete, restore } from './restore.ts';
import type { RestoreReport } from './restore-options.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? 12);

/** What happens to a pack: nothing, it is gone, its last byte is cut off, or a bit of its first blob is flipped. */
type Damage = 'none' | 'removed' | 'cut' | 'flipped';

interface Case {
  /** The packs, each with the seeds of its blobs. A seed may come several times. */
  readonly packs: readonly { readonly seeds: readonly number[]; readonly damage: Damage }[];
  /** The files, each with numbers that choose its blobs. */
  readonly files: readonly (readonly number[])[];
}

const aCase: fc.Arbitrary<Case> = fc.record({
  packs: fc.array(
    fc.record({
      seeds: fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }),
      damage: fc.constantFrom<Damage>('none', 'none', 'removed', 'cut', 'flipped'),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  files: fc.array(fc.array(fc.nat(1000), { maxLength: 6 }), { minLength: 1, maxLength: 40 }),
});

test('F9 restore-hole: whatever packs are lost or damaged, exactly the files that needed them are reported', async () => {
  await fc.assert(
    fc.asyncProperty(aCase, async ({ packs, files }) => {
      const repository = new BlobRepository();
      const surviving = new Map<number, string>();
      const lost = new Map<number, string>();
      for (const { seeds, damage } of packs) storePack(repository, seeds, damage, surviving, lost);
      const seeds = [...new Set(packs.flatMap((pack) => pack.seeds))];
      const seedsOf = (picks: readonly number[]): number[] => picks.map((pick) => seeds[pick % seeds.length] as number);
      const whole = files.map((picks) => seedsOf(picks).every((seed) => surviving.has(seed)));
      const tree = repository.addTree(
        files.map((picks, i) => {
          const content = seedsOf(picks).map((seed) => surviving.get(seed) ?? lost.get(seed) ?? '');
          return plainNode({ name: nameOf(i), type: 'file', content, sizeBytes: Buffer.concat(seedsOf(picks).map(contentOf)).byteLength });
        }),
      );
      repository.closePack();
      await inTemporaryDirectory(async (target) => {
        const report = await restore(repository, { tree, target, verify: true });
        assert.deepEqual(
          problemPaths(report),
          files.map((_, i) => nameOf(i)).filter((_, i) => !whole[i]),
        );
        assert.equal(report.filesRestored, whole.filter(Boolean).length);
        assert.equal(report.filesVerified, whole.filter(Boolean).length);
        if (whole.every(Boolean)) mustBeComplete(report);
        else {
          assert.throws(
            () => mustBeComplete(report),
            (error) => CodedError.is(error, 'restore-incomplete'),
          );
        }
        for (const [i, picks] of files.entries()) {
          if (whole[i]) assert.ok(readFileSync(join(target, nameOf(i))).equals(Buffer.concat(seedsOf(picks).map(contentOf))));
        }
      });
    }),
    { numRuns: runs },
  );
});

test('F9 restore-hole: what is left of a damaged file is restored, and nothing takes it for unchanged later', async () => {
  const repository = new BlobRepository();
  const pieces = [contentOf(1), contentOf(2), contentOf(3)];
  const ids = pieces.map((piece, i) => {
    const id = repository.add('data', piece);
    if (i === 1) repository.storage.files.delete(`data/${repository.closePack()}`);
    return id;
  });
  const whole = Buffer.concat(pieces);
  const missing = repository.index.size;
  const unknown = 'ab'.repeat(32);
  const tree = repository.addTree([
    plainNode({ name: 'damaged', type: 'file', content: ids, sizeBytes: whole.byteLength, links: 2, inode: 7n }),
    plainNode({ name: 'link', type: 'file', content: ids, sizeBytes: whole.byteLength, links: 2, inode: 7n }),
    plainNode({ name: 'unindexed', type: 'file', content: [ids[2] ?? '', unknown], sizeBytes: whole.byteLength }),
    plainNode({ name: 'whole', type: 'file', content: [ids[2] ?? ''], sizeBytes: pieces[2]?.byteLength ?? 0 }),
  ]);
  repository.closePack();
  assert.equal(missing, 3);
  await inTemporaryDirectory(async (target) => {
    const first = await restore(repository, { tree, target });
    // the first two blobs went with their pack
    assert.deepEqual(problemPaths(first), ['damaged', 'link', 'unindexed']);
    assert.deepEqual(first.problems.map(({ error }) => error.code).sort(), ['blob-missing', 'blob-missing', 'restore-incomplete']);
    const restored = readFileSync(join(target, 'damaged'));
    assert.equal(restored.byteLength, whole.byteLength);
    assert.ok(restored.subarray(-(pieces[2]?.byteLength ?? 0)).equals(pieces[2] ?? Buffer.alloc(0)));
    assert.equal(lstatSync(join(target, 'link')).ino, lstatSync(join(target, 'damaged')).ino);
    assert.notEqual(lstatSync(join(target, 'damaged'), { bigint: true }).mtimeNs, 1_700_000_000_123_456_789n);
    assert.equal(readFileSync(join(target, 'unindexed')).byteLength, whole.byteLength);
    const second = await restore(repository, { tree, target, overwrite: 'if-changed' });
    assert.deepEqual(problemPaths(second), ['damaged', 'link', 'unindexed']);
  });
});

test('F9 restore-hole: a directory whose tree is lost is reported, and its old content is not deleted', async () => {
  const repository = new BlobRepository();
  const file = plainNode({
    name: 'inside',
    type: 'file',
    content: [repository.add('data', contentOf(1))],
    sizeBytes: contentOf(1).byteLength,
  });
  repository.closePack();
  const lostTree = repository.addTree([file]);
  const pack = repository.closePack();
  const tree = repository.addTree([
    plainNode({ name: 'directory', type: 'dir', subtree: lostTree }),
    { ...file, name: Buffer.from('file') },
  ]);
  repository.closePack();
  await inTemporaryDirectory(async (target) => {
    mustBeComplete(await restore(repository, { tree, target }));
    repository.storage.files.delete(`data/${pack}`);
    const report = await restore(repository, { tree, target, delete: true });
    assert.deepEqual(problemPaths(report), ['directory']);
    assert.equal(report.filesDeleted, 0);
    assert.ok(readFileSync(join(target, 'directory', 'inside')).equals(contentOf(1)));
  });
});

function storePack(
  repository: BlobRepository,
  seeds: readonly number[],
  damage: Damage,
  surviving: Map<number, string>,
  lost: Map<number, string>,
): void {
  const placed = seeds.map((seed) => {
    const id = repository.add('data', contentOf(seed), { compressed: seed % 2 === 0 });
    return { seed, id, offset: repository.index.location(repository.index.size - 1).offset };
  });
  const key = `data/${repository.closePack()}`;
  const bytes = Buffer.from(repository.storage.files.get(key) ?? []);
  if (damage === 'removed') repository.storage.files.delete(key);
  if (damage === 'cut') repository.storage.files.set(key, bytes.subarray(0, -1));
  if (damage === 'flipped') {
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    repository.storage.files.set(key, bytes);
  }
  for (const [place, { seed, id }] of placed.entries()) {
    const isLost = damage === 'removed' || (damage === 'cut' && place === placed.length - 1) || (damage === 'flipped' && place === 0);
    (isLost ? lost : surviving).set(seed, id);
  }
}

function contentOf(seed: number): Buffer {
  return Buffer.alloc(500 + seed * 37, `content ${seed} `);
}

function nameOf(i: number): string {
  return `file-${String(i).padStart(3, '0')}`;
}

function problemPaths(report: RestoreReport): string[] {
  return [...new Set(report.problems.map(({ path }) => path.toString()))].sort();
}

async function inTemporaryDirectory(work: (target: string) => Promise<void>): Promise<void> {
  const target = mkdtempSync(join(tmpdir(), 'holdfast-hole-'));
  try {
    await work(target);
  } finally {
    rmSync(target, { recursive: true });
  }
}
