import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BackupPlan, Source, storagePlace } from '@holdfast/contract';
import { CodedError, systemClock, systemRandom } from '@holdfast/kernel';
import { FaultStorage } from '@holdfast/storage/fault';
import { LocalStorage } from '@holdfast/storage/local';
import { compareTrees } from '../../../../test/support/compare-trees.ts';
import { needRestic } from '../../../../test/support/restic.ts';
import { RunPlace, runRestic } from '../testing/run-place.ts';
import type { StorageOpener } from '../vault/open-storage.ts';

test('a backup goes to two storage servers, is read back from each, and restic checks and restores it', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  place.write('large', systemRandom.bytes(3 << 20));
  for (let i = 0; i < 300; i++) place.write(`many/${i % 7}/file ${i}`, `content of ${i} `.repeat(i));
  symlinkSync('large', join(place.source, 'link'));
  const servers = [await place.makeRepository('first'), await place.makeRepository('second one')];
  const report = await place.run(place.backupPlan(servers));
  assert.equal(report.error, null);
  assert.deepEqual([report.rootsAsked, report.rootsFound, report.sourceEnded], [1, 1, true]);
  assert.deepEqual([report.files, report.filesNew, report.itemCount, report.itemsLeftOut], [301, 301, 0, 0]);
  assert.equal(report.destinations.length, 2);
  for (const [i, destination] of report.destinations.entries()) {
    const access = servers[i];
    assert.ok(access !== undefined);
    assert.deepEqual([destination.error, destination.reopened, destination.treeMatches], [null, true, true]);
    assert.ok(destination.dataBlobs > 0 && destination.treeBlobs > 0 && destination.storedBytes > 0);
    runRestic(restic, access, 'check', '--read-data');
    const [snapshot] = JSON.parse(runRestic(restic, access, 'snapshots', '--json')) as Record<string, unknown>[];
    assert.equal(snapshot?.['id'], destination.snapshotId);
    assert.deepEqual(
      [snapshot?.['hostname'], snapshot?.['tags'], snapshot?.['paths']],
      ['stable-name', ['holdfast', `backup=${'1'.padStart(32, '0')}`], [place.source]],
    );
    const target = join(place.root, `restored ${i}`);
    runRestic(restic, access, 'restore', `latest:${place.source}`, '--target', target);
    assert.deepEqual(compareTrees(Buffer.from(place.source), Buffer.from(target)), []);
    assert.deepEqual(place.locks(access), []);
  }
  assert.match(place.log(), /info: Opened 2 storage servers/);
  assert.ok(place.events.some((event) => event.type === 'progress' && event.step === 'Reading files' && event.filesTotal === 301));
});

test('the next backup compares with the snapshot of the same backup, though its paths have changed', async () => {
  using place = new RunPlace();
  place.write('a/file', 'a');
  place.write('b/file', 'b');
  const server = await place.makeRepository('server');
  const filesAt = (...paths: string[]): BackupPlan['source'] => Source.parse({ driver: 'files', paths });
  const first = await place.run(place.backupPlan([server], { source: filesAt(join(place.source, 'a')) }));
  const again = await place.run(place.backupPlan([server], { source: filesAt(join(place.source, 'a'), join(place.source, 'b')) }));
  assert.deepEqual([first.filesNew, again.filesNew, again.filesUnmodified], [1, 1, 1]);
  assert.equal(again.destinations[0]?.treeMatches, true);
});

test('a path that does not exist is an item that was left out, and the others are stored', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const server = await place.makeRepository('server');
  const missing = join(place.root, 'not\nthere');
  const plan = place.backupPlan([server]);
  const report = await place.run({ ...plan, source: Source.parse({ driver: 'files', paths: [place.source, missing] }) });
  assert.equal(report.error, null);
  assert.deepEqual([report.rootsAsked, report.rootsFound, report.itemCount, report.itemsLeftOut], [2, 1, 1, 1]);
  assert.deepEqual([report.items[0]?.path, report.items[0]?.kind], [missing.replace('\n', '\\u000a'), 'unreadable']);
  const none = await place.run({ ...plan, source: Source.parse({ driver: 'files', paths: [missing] }) });
  assert.equal(none.error?.code, 'path-not-found');
  assert.deepEqual([none.sourceEnded, none.destinations[0]?.snapshotId, none.destinations[0]?.error], [false, null, null]);
});

test('F12 dest-vanish: of two storage servers one is missing; the other gets the snapshot, and the report says so of each', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const [gone, good] = [await place.makeRepository('gone'), await place.makeRepository('good')];
  rmSync(gone.storage.path, { recursive: true });
  const report = await place.run(place.backupPlan([gone, good]));
  assert.equal(report.error, null);
  assert.equal(report.destinations[0]?.error?.code, 'repository-missing');
  assert.deepEqual([report.destinations[0]?.snapshotId, report.destinations[0]?.reopened], [null, false]);
  assert.deepEqual(
    [report.destinations[1]?.error, report.destinations[1]?.reopened, report.destinations[1]?.treeMatches],
    [null, true, true],
  );
  assert.ok(!existsSync(gone.storage.path), 'nothing was made in its place');
  assert.match(place.log(), /Opened 1 of 2 storage servers/);
});

test('F12: of two storage servers one is full; the other gets the snapshot', async () => {
  using place = new RunPlace();
  place.write('file', systemRandom.bytes(4 << 20));
  const [full, good] = [await place.makeRepository('full'), await place.makeRepository('good')];
  const error = new CodedError({ code: 'storage-full', message: 'The disk is full' });
  const openStorage: StorageOpener = (options) =>
    new FaultStorage(
      new LocalStorage({ path: storagePlace(options) }),
      ({ operation, type }) =>
        storagePlace(options) === full.storage.path && operation === 'save' && type === 'data' ? { kind: 'fail', error } : undefined,
      systemClock,
    );
  const report = await place.run(place.backupPlan([full, good]), { openStorage });
  assert.equal(report.error, null);
  assert.equal(report.destinations[0]?.error?.code, 'storage-full');
  assert.equal(report.destinations[0]?.snapshotId, null);
  assert.deepEqual([report.destinations[1]?.error, report.destinations[1]?.treeMatches], [null, true]);
  assert.deepEqual([place.locks(full), place.locks(good)], [[], []]);
  const alone = await place.run(place.backupPlan([full]), { openStorage });
  assert.deepEqual([alone.error?.code, alone.destinations[0]?.error?.code, alone.sourceEnded], ['storage-full', 'storage-full', false]);
});

test('F12: of two storage servers one cannot be written to; the other gets the snapshot', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const [broken, good] = [await place.makeRepository('broken'), await place.makeRepository('good')];
  rmSync(join(broken.storage.path, 'data'), { recursive: true });
  writeFileSync(join(broken.storage.path, 'data'), 'no directory');
  const report = await place.run(place.backupPlan([broken, good]));
  assert.equal(report.error, null);
  assert.equal(report.destinations[0]?.error?.code, 'storage-io');
  assert.deepEqual([report.destinations[1]?.error, report.destinations[1]?.treeMatches], [null, true]);
});

test('F24 repo-swap: another repository at the place, or none, is an error, and nothing is made or changed there', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const access = await place.makeRepository('server', 'the same password');
  const other = await place.makeRepository('other', 'the same password');
  renameSync(access.storage.path, join(place.root, 'unmounted'));
  const missing = await place.run(place.backupPlan([access]));
  assert.deepEqual([missing.error?.code, missing.destinations[0]?.error?.code], ['repository-missing', 'repository-missing']);
  assert.ok(!existsSync(access.storage.path));
  mkdirSync(access.storage.path);
  assert.equal((await place.run(place.backupPlan([access]))).error?.code, 'repository-missing');
  assert.deepEqual(readdirSync(access.storage.path), [], 'an empty mount point stays empty');
  rmSync(access.storage.path, { recursive: true });
  renameSync(other.storage.path, access.storage.path);
  const before = readdirSync(access.storage.path, { recursive: true }).sort();
  const swapped = await place.run(place.backupPlan([access]));
  assert.deepEqual([swapped.error?.code, swapped.destinations[0]?.snapshotId], ['repository-replaced', null]);
  assert.deepEqual(readdirSync(access.storage.path, { recursive: true }).sort(), before);
  assert.equal((await place.run(place.backupPlan([{ ...access, password: 'wrong' }]))).error?.code, 'wrong-password');
});

test('a snapshot that does not read back is no success: not reopened, with the reason', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const access = await place.makeRepository('server');
  const error = new CodedError({ code: 'storage-io', message: 'The disk cannot read it' });
  const report = await place.run(place.backupPlan([access]), {
    openStorage: (options) =>
      new FaultStorage(
        new LocalStorage({ path: storagePlace(options) }),
        ({ operation, type }) => (operation === 'load' && type === 'snapshot' ? { kind: 'fail', error } : undefined),
        systemClock,
      ),
  });
  const [destination] = report.destinations;
  assert.deepEqual([destination?.reopened, destination?.treeMatches, destination?.error?.code], [false, false, 'storage-io']);
  assert.match(destination?.snapshotId ?? '', /^[0-9a-f]{64}$/);
});

test('cancelled in mid-run: the report says so, no lock stays, and the next run works', async () => {
  using place = new RunPlace();
  for (let i = 0; i < 80; i++) place.write(`large ${i}`, systemRandom.bytes(1 << 20));
  const access = await place.makeRepository('server');
  const controller = new AbortController();
  const reason = new CodedError({ code: 'cancelled', message: 'Somebody pressed cancel' });
  const cancelled = await place.run(place.backupPlan([access]), {
    signal: controller.signal,
    onEvent: (event) => {
      if (event.type === 'progress' && event.bytesDone > 0) controller.abort(reason);
    },
  });
  assert.deepEqual([cancelled.error?.code, cancelled.error?.message], ['cancelled', 'Somebody pressed cancel']);
  assert.deepEqual([cancelled.sourceEnded, cancelled.destinations[0]?.snapshotId, cancelled.destinations[0]?.error], [false, null, null]);
  assert.deepEqual(place.locks(access), []);
  const next = await place.run(place.backupPlan([access]));
  assert.deepEqual([next.error, next.files, next.destinations[0]?.treeMatches], [null, 80, true]);
});

test('a storage server inside of what is backed up is left out, and the log says so', async () => {
  using place = new RunPlace();
  place.write('file', 'content');
  const access = await place.makeRepository('source/[in] it');
  const other = await place.makeRepository('other');
  const first = await place.run(place.backupPlan([access, other]));
  assert.deepEqual([first.error, first.files, first.itemCount], [null, 1, 0]);
  assert.match(place.log(), /Left out .*\[in\] it, where the storage server/);
  const asked = place.backupPlan([access, other]);
  const meant = await place.run({ ...asked, source: { ...asked.source, paths: [access.storage.path] } });
  assert.ok(meant.error === null && meant.files > 3);
});
