import assert from 'node:assert/strict';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { storagePlace } from '@holdfast/contract';
import { Repository } from '@holdfast/engine';
import { Secret, systemRandom } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { needRestic } from '../../../../test/support/restic.ts';
import { id, type LocalAccess, RunPlace, runRestic } from '../testing/run-place.ts';

/** Runs a backup and returns the id of its snapshot. */
async function back(place: RunPlace, access: LocalAccess, backupId = id(1)): Promise<string> {
  const report = await place.run(place.backupPlan([access], { tags: ['holdfast', `backup=${backupId}`] }));
  assert.equal(report.error, null);
  return report.destinations[0]?.snapshotId ?? '';
}

async function openHeld(access: LocalAccess): Promise<Repository> {
  return Repository.open({ storage: new LocalStorage({ path: access.storage.path }), password: new Secret(access.password) });
}

test('a check of a sound repository reads as much as was asked for; restic agrees', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  for (let i = 0; i < 3; i++) place.write(`file ${i}`, systemRandom.bytes(20 << 20));
  const access = await place.makeRepository('server');
  await back(place, access);
  for (const [readDataPercent, isRight] of [
    [0, (read: number) => read === 0],
    [50, (read: number, all: number) => read === Math.floor(all / 2)],
    [100, (read: number, all: number) => read === all],
  ] as const) {
    const report = await place.run({ kind: 'check', ...place.common(), repository: access, readDataPercent });
    assert.deepEqual([report.error, report.errorCount, report.errors, report.ended], [null, 0, [], true]);
    assert.deepEqual([report.snapshots, report.damagedSnapshots, report.affectedPaths], [1, [], []]);
    assert.ok(report.packs > 2 && isRight(report.packsRead, report.packs), `${report.packsRead} of ${report.packs}`);
    assert.equal(report.bytesRead > 0, readDataPercent > 0);
  }
  runRestic(restic, access, 'check');
});

test('a check finds damage and names what it hits', async () => {
  using place = new RunPlace();
  place.write('precious', systemRandom.bytes(1 << 20));
  const access = await place.makeRepository('server');
  const snapshot = await back(place, access);
  const data = join(access.storage.path, 'data');
  const packs = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) => name.length > 60);
  for (const pack of packs) rmSync(join(data, pack));
  const report = await place.run({ kind: 'check', ...place.common(), repository: access, readDataPercent: 100 });
  assert.deepEqual([report.error, report.ended], [null, true]);
  assert.ok(report.errorCount > 0 && report.errors.length > 0);
  assert.ok(report.affectedPaths.some((path) => path.startsWith(`${snapshot.slice(0, 8)}:/`)));
  assert.match(place.log(), /error: The repository has/);
});

test('a prune frees what no snapshot uses, and the figures are what the storage lists', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  place.write('old', systemRandom.bytes(8 << 20));
  const access = await place.makeRepository('server');
  const first = await back(place, access);
  rmSync(join(place.source, 'old'));
  place.write('new', systemRandom.bytes(2 << 20));
  await back(place, access);
  const nothing = await place.run({ kind: 'prune', ...place.common(), repository: access, maxUnusedPercent: 0 });
  assert.deepEqual([nothing.error, nothing.bytesRemoved, nothing.ended], [null, 0, true]);
  const forgotten = await place.run({ kind: 'forget', ...place.common(), repository: access, snapshotIds: [first] });
  assert.deepEqual([forgotten.error, forgotten.removed], [null, [first]]);
  const report = await place.run({ kind: 'prune', ...place.common(), repository: access, maxUnusedPercent: 0 });
  assert.deepEqual([report.error, report.itemCount, report.ended], [null, 0, true]);
  assert.ok(report.bytesBefore > 10 << 20 && report.bytesAfter < 3 << 20 && report.bytesRemoved >= 8 << 20 && report.packsRemoved > 0);
  runRestic(restic, access, 'check', '--read-data');
});

test('a prune waits for the lock of a backup, and fails with repository-locked when that does not end', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const access = await place.makeRepository('server');
  await back(place, access);
  const plan = { kind: 'prune', ...place.common(), repository: access, maxUnusedPercent: 5 } as const;
  const repository = await openHeld(access);
  await using lock = await repository.lock({ exclusive: false });
  const refused = await place.run(plan);
  assert.deepEqual([refused.error?.code, refused.error?.retry, refused.ended], ['repository-locked', 'temporary', false]);
  const waiting = place.run(plan, { lockWaitMs: 60_000 });
  setTimeout(() => void lock[Symbol.asyncDispose](), 1_000);
  assert.equal((await waiting).error, null);
  assert.match(place.log(), /waiting for it/);
});

test('F10 postcondition-relist: what a storage only says it removed is not removed', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const access = await place.makeRepository('server');
  const first = await back(place, access);
  const second = await back(place, access);
  class Forgetful extends LocalStorage {
    override async remove(file: Parameters<LocalStorage['remove']>[0]): Promise<void> {
      if (file.type !== 'snapshot') await super.remove(file);
    }
  }
  const plan = { kind: 'forget', ...place.common(), repository: access, snapshotIds: [first] } as const;
  const report = await place.run(
    { ...plan, snapshotIds: [first] },
    { openStorage: (options) => new Forgetful({ path: storagePlace(options) }) },
  );
  assert.deepEqual([report.error, report.removed, report.remaining], [null, [], [first, second].sort()]);
  assert.match(place.log(), /error: 1 snapshots are still there/);
});

test('F48: a forget removes the snapshots of its ids and no other; one that was gone already is gone', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const access = await place.makeRepository('server');
  const ids = [await back(place, access), await back(place, access, id(2)), await back(place, access)];
  const gone = 'e'.repeat(64);
  const report = await place.run({ kind: 'forget', ...place.common(), repository: access, snapshotIds: [ids[0] ?? '', gone] });
  assert.deepEqual([report.error, report.ended, report.itemCount], [null, true, 0]);
  assert.deepEqual([report.removed.sort(), report.remaining], [[ids[0], gone].sort(), ids.slice(1).sort()]);
  assert.deepEqual(place.locks(access), []);
});

test('measure tells what each snapshot adds, what is there and what is missing; the sum is what restic says', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  const access = await place.makeRepository('server');
  const ids: string[] = [];
  for (let i = 0; i < 4; i++) {
    place.write(`${i}/file`, systemRandom.bytes((1 + i) << 18));
    ids.push(await back(place, access));
  }
  const again = await back(place, access);
  const missing = 'd'.repeat(64);
  const report = await place.run({ kind: 'measure', ...place.common(), repository: access, snapshotIds: [...ids, missing, again] });
  assert.deepEqual([report.error, report.ended, report.missing], [null, true, [missing]]);
  assert.deepEqual(report.present, [...ids, again].sort());
  assert.equal(report.growthBytes.length, 6);
  assert.equal(report.growthBytes[4], 0);
  // The directories above the source belong to others, and one tree tells when they changed.
  assert.ok(Number(report.growthBytes[5]) < 1024, String(report.growthBytes[5]));
  let sum = 0;
  for (const [i, snapshot] of ids.entries()) {
    sum += report.growthBytes[i] ?? 0;
    const theirs = JSON.parse(runRestic(restic, access, 'stats', '--mode', 'raw-data', '--json', ...ids.slice(0, i), snapshot)) as {
      total_size: number;
    };
    assert.equal(sum, theirs.total_size);
  }
  writeFileSync(join(access.storage.path, 'index', 'no index'), '');
  for (const name of readdirSync(join(access.storage.path, 'index'))) rmSync(join(access.storage.path, 'index', name));
  const broken = await place.run({ kind: 'measure', ...place.common(), repository: access, snapshotIds: ids });
  assert.deepEqual([broken.error?.code, broken.growthBytes, broken.ended], ['blob-missing', [], false]);
});
