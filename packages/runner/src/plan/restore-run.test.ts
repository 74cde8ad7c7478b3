import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RestorePlan } from '@holdfast/contract';
import { escapePattern, PatternList } from '@holdfast/engine';
import { systemRandom } from '@holdfast/kernel';
import fc from 'fast-check';
import { compareTrees } from '../../../../test/support/compare-trees.ts';
import { type LocalAccess, RunPlace } from '../testing/run-place.ts';
import { ExactPaths } from './exact-paths.ts';

const runs = Number(process.env['HOLDFAST_FC_RUNS'] ?? '300');

async function back(place: RunPlace): Promise<{ access: LocalAccess; snapshotId: string }> {
  const access = await place.makeRepository('server');
  const report = await place.run(place.backupPlan([access]));
  return { access, snapshotId: report.destinations[0]?.snapshotId ?? '' };
}

function restorePlan(place: RunPlace, stored: { access: LocalAccess; snapshotId: string }, more: Partial<RestorePlan> = {}): RestorePlan {
  return {
    kind: 'restore',
    chain: [],
    ...place.common(),
    repository: stored.access,
    snapshotId: stored.snapshotId,
    paths: [],
    target: join(place.root, 'target'),
    overwrite: 'if-changed',
    verify: true,
    dryRun: false,
    ...more,
  };
}

test('a whole snapshot is restored, verified, and the same; again, nothing is left to do', async () => {
  using place = new RunPlace();
  for (let i = 0; i < 60; i++) place.write(`${i % 5}/file ${i}`, systemRandom.bytes(i * 1000));
  const stored = await back(place);
  const plan = restorePlan(place, stored);
  const dry = await place.run({ ...plan, dryRun: true });
  assert.deepEqual([dry.error, dry.dryRun, dry.verified, dry.ended, existsSync(plan.target)], [null, true, false, true, false]);
  assert.ok(dry.filesPlanned >= 60);
  const report = await place.run(plan);
  assert.deepEqual([report.error, report.itemCount, report.verified, report.ended, report.dryRun], [null, 0, true, true, false]);
  assert.deepEqual([report.filesRestored, report.filesKept, report.bytesWritten], [report.filesPlanned, 0, 1000 * ((59 * 60) / 2)]);
  assert.deepEqual(compareTrees(Buffer.from(place.source), Buffer.from(join(plan.target, place.source))), []);
  const again = await place.run(plan);
  assert.deepEqual([again.error, again.bytesWritten, again.ended], [null, 0, true]);
  assert.ok(again.filesKept >= 60);
  assert.deepEqual(place.locks(stored.access), []);
});

test('F61 weird-names: exactly the paths that were chosen are restored, whatever characters their names hold', async () => {
  using place = new RunPlace();
  const names = [
    '[vocals]',
    'a*',
    'ab',
    'what?',
    'whatx',
    '!not',
    '\\back',
    '**',
    '$HOME',
    ' space ',
    '#hash',
    '{a,b}',
    'ü',
    'line\nbreak',
    '-r',
    "it's",
    '"',
    'v',
    'vocals',
  ];
  for (const name of names) place.write(`${name}/inside/${name}`, name);
  const stored = await back(place);
  for (const [i, name] of names.entries()) {
    const target = join(place.root, `target ${i}`);
    const report = await place.run(restorePlan(place, stored, { target, paths: [join(place.source, name)] }));
    assert.deepEqual([report.error, report.itemCount, report.verified], [null, 0, true], name);
    assert.deepEqual(readdirSync(join(target, place.source)), [name]);
    assert.equal(readFileSync(join(target, place.source, name, 'inside', name), 'utf8'), name);
  }
});

test('F61: choosing by exact paths is what an escaped pattern for each of them chooses', () => {
  const name = fc
    .string({ unit: fc.constantFrom('a', 'b', '*', '?', '[', ']', '\\', '!', '-', '.', 'ü', ' '), minLength: 1, maxLength: 3 })
    .filter((text) => text !== '.' && text !== '..');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => `/${names.join('/')}`);
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 4 }), fc.array(path, { maxLength: 8 }), (wanted, others) => {
      const exact = new ExactPaths(wanted);
      const patterns = PatternList.parse(wanted.map((each) => escapePattern(Buffer.from(each))));
      for (const each of [...wanted, ...others, ...wanted.flatMap((one) => others.map((other) => one + other))]) {
        const [ours, theirs] = [exact.match(Buffer.from(each)), patterns.match(Buffer.from(each))];
        assert.equal(ours.matched, theirs.matched, each);
        assert.ok(ours.matched || !wanted.some((one) => one.startsWith(`${each}/`)) || ours.childMayMatch, each);
      }
    }),
    { numRuns: runs },
  );
});

test('a path that the snapshot does not have is an item, and an error if nothing else was asked for', async () => {
  using place = new RunPlace();
  place.write('there', 'content');
  const stored = await back(place);
  const missing = join(place.source, 'not there');
  const some = await place.run(restorePlan(place, stored, { paths: [join(place.source, 'there'), missing] }));
  assert.deepEqual([some.error, some.itemCount, some.items[0]?.path, some.items[0]?.kind], [null, 1, missing, 'missing']);
  assert.equal(readFileSync(join(place.root, 'target', place.source, 'there'), 'utf8'), 'content');
  const none = await place.run(restorePlan(place, stored, { paths: [missing] }));
  assert.deepEqual([none.error?.code, none.ended], ['path-not-found', false]);
  const gone = await place.run(restorePlan(place, { ...stored, snapshotId: 'c'.repeat(64) }));
  assert.equal(gone.error?.code, 'snapshot-not-found');
});

test('what cannot be written and what is damaged are items of their own kinds; the rest is restored', async () => {
  using place = new RunPlace();
  place.write('blocked', 'content');
  place.write('fine', 'also content');
  const stored = await back(place);
  const target = join(place.root, 'target');
  mkdirSync(join(target, place.source, 'blocked', 'in the way'), { recursive: true });
  const report = await place.run(restorePlan(place, stored, { target }));
  assert.deepEqual([report.error, report.ended, report.itemCount, report.items[0]?.kind], [null, true, 1, 'unwritable']);
  assert.equal(report.items[0]?.path, join(place.source, 'blocked'));
  assert.equal(readFileSync(join(target, place.source, 'fine'), 'utf8'), 'also content');
  const data = join(stored.access.storage.path, 'data');
  place.write('large', systemRandom.bytes(3 << 20));
  const next = await place.run(place.backupPlan([stored.access]));
  const packs = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60);
  const sizes = packs.map((pack) => ({ pack, bytes: readFileSync(join(data, pack)) })).sort((a, b) => b.bytes.length - a.bytes.length);
  const [largest] = sizes;
  assert.ok(largest !== undefined);
  rmSync(join(data, largest.pack));
  largest.bytes.fill(7, 100, 200);
  writeFileSync(join(data, largest.pack), largest.bytes);
  const snapshotId = next.destinations[0]?.snapshotId ?? '';
  const damaged = await place.run(restorePlan(place, { ...stored, snapshotId }, { target: join(place.root, 'second') }));
  assert.deepEqual(
    [damaged.error, damaged.itemCount, damaged.items[0]?.kind, damaged.items[0]?.path],
    [null, 1, 'damaged', join(place.source, 'large')],
  );
});

test('nothing is restored into the directory of the storage server itself', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const stored = await back(place);
  for (const target of [stored.access.storage.path, join(stored.access.storage.path, 'data')]) {
    const report = await place.run(restorePlan(place, stored, { target }));
    assert.equal(report.error?.code, 'invalid-argument');
  }
});
