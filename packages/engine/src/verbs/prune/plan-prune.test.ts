import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import fc from 'fast-check';
import { needRestic } from '../../../../../test/support/restic.ts';
import { SeededRandom } from '../../../../../test/support/seeded-random.ts';
import { encodeIndex, type IndexedBlob } from '../../format/index-file.ts';
import { Repository } from '../../repository/repository.ts';
import { firstRecord } from '../inventory/first-record.ts';
import { IndexInventory } from '../inventory/index-inventory.ts';
import { newMarks, usedBit } from '../used-blobs/tree-walk-job.ts';
import { type PruneInput, planPrune } from './plan-prune.ts';
import { prune } from './prune.ts';
import { type PruneOptions, unusedShare } from './prune-options.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '300');

/** A repository as prune sees it: packs of few blobs, many of them stored several times, some packs missing or cut. */
const input = fc
  .record({
    packs: fc.array(fc.array(fc.nat(25), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 15 }),
    used: fc.array(fc.nat(25)),
    harm: fc.array(fc.tuple(fc.nat(14), fc.constantFrom('missing', 'cut')), { maxLength: 2 }),
    version: fc.constantFrom(1 as const, 2 as const),
  })
  .map(({ packs, used, harm, version }): PruneInput => {
    const inventory = new IndexInventory();
    const stored = new Map<string, number>([['ff'.repeat(32), 4711]]);
    packs.forEach((blobs, p) => {
      let offset = 0;
      const entries = [...new Set(blobs)].map((n): IndexedBlob => {
        offset += 100 + n;
        return {
          type: n % 5 === 0 ? 'tree' : 'data',
          id: new Uint8Array(32).fill(n),
          offset: offset - 100 - n,
          sealedBytes: 100 + n,
          uncompressedBytes: n % 3,
        };
      });
      inventory.addFile(`${p}`, encodeIndex([{ id: p.toString(16).padStart(64, '0'), blobs: entries }]));
      stored.set(inventory.index.packId(p), inventory.packBytes(p));
    });
    for (const [pack, what] of harm) {
      const id = inventory.index.packId(pack % packs.length);
      if (what === 'missing') stored.delete(id);
      else if (stored.has(id)) stored.set(id, 50);
    }
    const marks = newMarks(inventory.index.size);
    const table = inventory.index.share();
    for (let record = 0; record < marks.length; record++) {
      if (used.includes(inventory.index.idBytes(record)[0] ?? -1)) marks[firstRecord(table, record)] = usedBit;
    }
    return { version, inventory, stored, marks };
  });
const options: fc.Arbitrary<PruneOptions> = fc.record(
  {
    maxUnusedBytes: fc.constantFrom(unusedShare(0), unusedShare(20), () => Number.POSITIVE_INFINITY),
    maxRepackBytes: fc.constantFrom(0, 1000, Number.POSITIVE_INFINITY),
    smallPackBytes: fc.constantFrom(1, 500),
    repackCacheableOnly: fc.boolean(),
    repackUncompressed: fc.boolean(),
  },
  { requiredKeys: ['maxUnusedBytes'] },
);

describe('planPrune', () => {
  test('whatever it decides, every used blob keeps a sound copy, or it refuses because there is none', () => {
    let plans = 0;
    fc.assert(
      fc.property(input, options, (given, chosen) => {
        const { inventory, stored, marks } = given;
        const { index } = inventory;
        const table = index.share();
        const isSound = (pack: number): boolean => stored.get(index.packId(pack)) === inventory.packBytes(pack);
        const usedBlobs = new Set([...marks.keys()].filter((record) => (marks[record] ?? 0) & usedBit));
        const soundBlobs = new Set(
          [...marks.keys()].filter((record) => isSound(index.pack(record))).map((record) => firstRecord(table, record)),
        );
        const isWhole = usedBlobs.isSubsetOf(soundBlobs);
        let plan: ReturnType<typeof planPrune>;
        try {
          plan = planPrune(given, chosen);
        } catch (error) {
          assert.ok(!isWhole, String(error));
          return;
        }
        plans += 1;
        assert.ok(isWhole);
        const going = new Set([...plan.removePacks, ...plan.repackPacks, ...plan.missingPacks]);
        assert.equal(going.size, plan.removePacks.length + plan.repackPacks.length + plan.missingPacks.length);
        const staying = [...marks.keys()].filter((record) => !going.has(index.pack(record)) && isSound(index.pack(record)));
        const carried = [...plan.carry].map((record) => firstRecord(table, record));
        assert.equal(new Set(carried).size, carried.length);
        for (const record of plan.carry) assert.ok(plan.repackPacks.includes(index.pack(record)));
        const kept = new Set([...staying.map((record) => firstRecord(table, record)), ...carried]);
        assert.ok(usedBlobs.isSubsetOf(kept));
        assert.ok(carried.every((record) => usedBlobs.has(record)));
        const { blobs, bytes, packs } = plan.figures;
        assert.equal(blobs.used, usedBlobs.size);
        assert.equal(blobs.total, marks.length);
        assert.equal(packs.total, stored.size);
        assert.equal(packs.keep + packs.repack + packs.removeTotal, packs.total);
        assert.ok(Object.values({ ...blobs, ...bytes, ...packs }).every((figure) => figure >= 0));
      }),
      { numRuns: runs },
    );
    assert.ok(plans > runs / 3);
  });

  test('decides and counts as restic does', async (t) => {
    const restic = needRestic(t);
    if (restic === undefined) return;
    const root = mkdtempSync(join(tmpdir(), 'holdfast-plan-'));
    try {
      const repository = join(root, 'repository');
      const env = { ...process.env, RESTIC_PASSWORD: 'plan', RESTIC_REPOSITORY: repository };
      const run = (...args: string[]): string => execFileSync(restic, ['--no-cache', ...args], { env, encoding: 'utf8', stdio: 'pipe' });
      makeHistory(root, run);
      const choices: [string[], Partial<PruneOptions>][] = [
        [[], {}],
        [['--max-unused', '0'], { maxUnusedBytes: () => 0 }],
        [['--max-unused', '1M'], { maxUnusedBytes: () => 1 << 20 }],
        [['--max-repack-size', '3M'], { maxRepackBytes: 3 << 20 }],
        [['--repack-cacheable-only'], { repackCacheableOnly: true }],
        [['--repack-smaller-than', '5M'], { smallPackBytes: 5 << 20 }],
      ];
      await using opened = await Repository.open({ storage: new LocalStorage({ path: repository }), password: new Secret('plan') });
      for (const [flags, chosen] of choices) {
        const theirs = figuresIn(run('prune', '--dry-run', '-v', ...flags));
        const { figures } = await prune(opened, { maxUnusedBytes: unusedShare(5), ...chosen, dryRun: true });
        const { blobs, packs } = figures;
        const ours = [
          blobs.used,
          blobs.unused,
          blobs.total,
          blobs.repack,
          blobs.repackRemove,
          blobs.remove,
          blobs.removeTotal,
          blobs.remaining,
        ];
        const ourPacks = [packs.used, packs.partlyUsed, packs.unused, packs.keep, packs.repack, packs.remove];
        assert.deepEqual([...ours, ...ourPacks], theirs, flags.join(' '));
      }
      const theirs = join(root, 'theirs');
      cpSync(repository, theirs, { recursive: true });
      run('-r', theirs, 'prune');
      await prune(opened, { maxUnusedBytes: unusedShare(5) });
      run('check', '--read-data');
      assert.equal(run('stats', '--mode', 'raw-data', '--json'), run('-r', theirs, 'stats', '--mode', 'raw-data', '--json'));
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

/** Snapshots of files that come and go, with half of them forgotten. */
function makeHistory(root: string, run: (...args: string[]) => string): void {
  const random = new SeededRandom('plan');
  const files = join(root, 'files');
  mkdirSync(files);
  run('init');
  for (let i = 0; i < 4; i++) {
    for (let n = 0; n < 4; n++) writeFileSync(join(files, `large${(i + n) % 6}`), random.bytes(1 << 20));
    for (let n = 0; n < 40; n++) writeFileSync(join(files, `small${random.below(100)}`), random.bytes(random.below(3000)));
    run('backup', '--pack-size', '4', files);
  }
  run('forget', '--keep-last', '2');
}

/** The counts that restic prints, in its order. */
function figuresIn(output: string): number[] {
  const labels = ['used', 'unused', 'total', 'to repack', 'this removes', 'to delete', 'total prune', 'remaining'];
  const blobs = labels.map((label) => Number(new RegExp(`^${label}: +(\\d+) blobs`, 'm').exec(output)?.[1]));
  const packLabels = ['totally used packs: +(\\d+)', 'partly used packs: +(\\d+)', 'unused packs: +(\\d+)', 'to keep: +(\\d+) packs'];
  const packs = [...packLabels, 'to repack: +(\\d+) packs', 'to delete: +(\\d+) packs'].map(
    (label) => new RegExp(`^${label}`, 'm').exec(output)?.[1],
  );
  return [...blobs, ...packs.map(Number)];
}
