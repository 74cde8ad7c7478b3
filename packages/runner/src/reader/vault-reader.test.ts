import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SnapshotEntry, storagePlace } from '@holdfast/contract';
import { CodedError, type ErrorCode, ManualClock, Secret, systemRandom } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { needRestic } from '../../../../test/support/restic.ts';
import { type LocalAccess, RunPlace, runRestic } from '../testing/run-place.ts';
import { type Download, VaultReader } from './vault-reader.ts';

const { signal } = new AbortController();

async function back(place: RunPlace, access: LocalAccess): Promise<string> {
  const report = await place.run(place.backupPlan([access]));
  assert.equal(report.error, null);
  return report.destinations[0]?.snapshotId ?? '';
}

async function bytesOf(download: Download): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(download.content));
}

function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => CodedError.is(error, code);
}

function local(path: string): LocalAccess['storage'] {
  return { driver: 'local', path };
}

test('a place is tried, a repository made there, found and adopted; restic opens it', async (t) => {
  const restic = needRestic(t);
  if (restic === undefined) return;
  using place = new RunPlace();
  await using reader = new VaultReader();
  const options = local(join(place.root, 'new', 'place'));
  const before = await reader.probe(options, signal);
  assert.deepEqual([before.ok, before.holdsRepository, before.error], [true, false, null]);
  assert.ok((before.freeBytes ?? 0) > 0);
  assert.deepEqual(readdirSync(place.root), ['source'], 'trying leaves nothing');
  await assert.rejects(reader.adopt(options, new Secret('p'), signal), hasCode('repository-missing'));
  assert.ok(!existsSync(join(place.root, 'new')), 'adopting makes nothing');
  const repositoryId = await reader.init(options, new Secret('a password'), signal);
  assert.deepEqual(await reader.probe(options, signal).then(({ ok, holdsRepository }) => [ok, holdsRepository]), [true, true]);
  assert.equal(await reader.adopt(options, new Secret('a password'), signal), repositoryId);
  await assert.rejects(reader.adopt(options, new Secret('another'), signal), hasCode('wrong-password'));
  await assert.rejects(reader.init(options, new Secret('a password'), signal), hasCode('repository-exists'));
  const access: LocalAccess = { storageServerId: '0'.repeat(32), name: 'new', storage: options, password: 'a password', repositoryId };
  assert.equal((JSON.parse(runRestic(restic, access, 'cat', 'config')) as { id: string }).id, repositoryId);
  const second = await reader.init(local(join(place.root, 'second')), new Secret('other'), signal, { like: access });
  const config = (of: LocalAccess): string =>
    (JSON.parse(runRestic(restic, of, 'cat', 'config')) as { chunker_polynomial: string }).chunker_polynomial;
  assert.equal(config({ ...access, storage: local(join(place.root, 'second')), password: 'other', repositoryId: second }), config(access));
});

test('a place where nothing can be stored is told of, with the reason', async () => {
  using place = new RunPlace();
  await using reader = new VaultReader();
  place.write('file', 'content');
  const file = await reader.probe(local(join(place.source, 'file')), signal);
  assert.deepEqual([file.ok, file.error?.code], [false, 'storage-denied']);
  const below = await reader.probe(local(join(place.source, 'file', 'below')), signal);
  assert.deepEqual([below.ok, below.error?.code], [false, 'storage-denied']);
  const special = await reader.probe(local('/proc/holdfast'), signal);
  assert.equal(special.ok, false);
});

test('the status counts every file; what is wrong is in it', async () => {
  using place = new RunPlace();
  await using reader = new VaultReader();
  place.write('file', systemRandom.bytes(1 << 20));
  const access = await place.makeRepository('server');
  await back(place, access);
  await back(place, access);
  const { path } = access.storage;
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const used = files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  const good = await reader.status(access, signal);
  assert.deepEqual([good.reachable, good.usedBytes, good.snapshots, good.error], [true, used, 2, null]);
  assert.ok((good.freeBytes ?? 0) > 0 && (good.latencyMs ?? -1) >= 0);
  const wrong = await reader.status({ ...access, password: 'wrong' }, signal);
  assert.deepEqual([wrong.reachable, wrong.error?.code], [false, 'wrong-password']);
  renameSync(path, `${path} away`);
  const gone = await reader.status(access, signal);
  assert.deepEqual([gone.reachable, gone.error?.code, gone.usedBytes], [false, 'repository-missing', null]);
  assert.ok(!existsSync(path));
  const other = await place.makeRepository('another', access.password);
  renameSync(other.storage.path, path);
  const swapped = await reader.status(access, signal);
  assert.deepEqual([swapped.reachable, swapped.error?.code], [false, 'repository-replaced'], 'F24 repo-swap, though it was open before');
  rmSync(path, { recursive: true });
  renameSync(`${path} away`, path);
  assert.equal((await reader.status(access, signal)).error, null);
});

test('F61 weird-names: directories are browsed and files fetched by exact names', async () => {
  using place = new RunPlace();
  await using reader = new VaultReader();
  for (const name of ['[a]', '*', 'ü b', '!x', '\\']) place.write(`dir/${name}/${name}.txt`, `content of ${name}`);
  writeFileSync(Buffer.concat([Buffer.from(join(place.source, 'dir/')), Buffer.from([0x62, 0xff])]), 'no UTF-8');
  symlinkSync('dir', join(place.source, 'link'));
  const access = await place.makeRepository('server');
  const snapshot = await back(place, access);
  const [stored] = await reader.snapshots(access, signal);
  assert.deepEqual([stored?.id, stored?.hostname, stored?.paths, stored?.summary?.filesNew], [snapshot, 'stable-name', [place.source], 6]);
  const directory = join(place.source, 'dir');
  const { entries, truncated } = await reader.entries(access, snapshot, directory, 100, signal);
  for (const entry of entries) assert.deepEqual(SnapshotEntry.parse(entry), entry);
  assert.deepEqual(
    entries.map(({ name }) => name),
    ['!x', '*', '[a]', '\\', 'ü b', 'b\\xff'],
  );
  assert.deepEqual([truncated, entries.at(-1)?.type, entries.at(-1)?.sizeBytes], [false, 'file', 8]);
  const few = await reader.entries(access, snapshot, directory, 2, signal);
  assert.deepEqual([few.entries.length, few.truncated], [2, true]);
  for (const name of ['[a]', '*', 'ü b', '!x', '\\']) {
    const path = join(directory, name, `${name}.txt`);
    const fact = await reader.stat(access, snapshot, path, signal);
    assert.deepEqual([fact?.path, fact?.name, fact?.type], [path, `${name}.txt`, 'file']);
    await using download = await reader.download(access, snapshot, path, signal);
    assert.deepEqual([download.kind, download.fileName, download.sizeBytes], ['file', `${name}.txt`, fact?.sizeBytes]);
    assert.equal((await bytesOf(download)).toString(), `content of ${name}`);
  }
  assert.equal((await reader.stat(access, snapshot, join(place.source, 'link'), signal))?.linkTarget, 'dir');
  assert.equal(await reader.stat(access, snapshot, '/', signal), null);
  const top = await reader.entries(access, snapshot, '/', 10, signal);
  assert.equal(top.entries[0]?.path, `/${place.source.split('/')[1]}`);
  await assert.rejects(reader.entries(access, snapshot, join(directory, 'nothing'), 1, signal), hasCode('path-not-found'));
  await assert.rejects(reader.entries(access, snapshot, join(place.source, 'link'), 1, signal), hasCode('path-not-found'));
  await assert.rejects(reader.entries(access, 'a'.repeat(64), '/', 1, signal), hasCode('snapshot-not-found'));
  await assert.rejects(reader.download(access, snapshot, join(place.source, 'link'), signal), hasCode('invalid-argument'));
  assert.deepEqual(place.locks(access), [], 'nothing stays locked');
});

test('a directory is downloaded as tar, under a lock that lasts as long as the download', async () => {
  using place = new RunPlace();
  await using reader = new VaultReader();
  for (let i = 0; i < 10; i++) place.write(`dir/${i}`, systemRandom.bytes(300_000));
  const access = await place.makeRepository('server');
  const snapshot = await back(place, access);
  await using download = await reader.download(access, snapshot, join(place.source, 'dir'), signal);
  assert.deepEqual([download.kind, download.fileName, download.sizeBytes], ['tar', 'dir.tar', null]);
  assert.equal(place.locks(access).length, 1);
  const prune = await place.run({ kind: 'prune', ...place.common(), repository: access, maxUnusedPercent: 5 });
  assert.equal(prune.error?.code, 'repository-locked');
  const target = join(place.root, 'unpacked');
  mkdirSync(target);
  assert.equal(spawnSync('tar', ['-x', '-C', target], { input: await bytesOf(download) }).status, 0);
  assert.deepEqual(readdirSync(join(target, place.source, 'dir')).length, 10);
  assert.deepEqual(place.locks(access), []);
  const left = await reader.download(access, snapshot, '/', signal);
  for await (const _ of left.content) break;
  assert.deepEqual(place.locks(access), [], 'also when it is not read to its end');
  await (await reader.download(access, snapshot, '/', signal))[Symbol.asyncDispose]();
  assert.deepEqual(place.locks(access), [], 'or not at all');
});

test('a repository stays open, sees what later runs changed, and is closed when nobody wants it for a while', async () => {
  using place = new RunPlace();
  const clock = new ManualClock(1_800_000_000_000_000_000n);
  let opened = 0;
  await using reader = new VaultReader({
    clock,
    idleMs: 300_000,
    mostOpen: 2,
    openStorage: (options) => {
      opened += 1;
      return new LocalStorage({ path: storagePlace(options) });
    },
  });
  place.write('kept', systemRandom.bytes(1 << 20));
  const access = await place.makeRepository('server');
  const first = await back(place, access);
  await reader.entries(access, first, place.source, 10, signal);
  const startMs = performance.now();
  await reader.entries(access, first, place.source, 10, signal);
  const againMs = performance.now() - startMs;
  assert.ok(againMs < 500, `a second look took ${againMs} ms`);
  assert.deepEqual([opened, reader.openCount], [1, 1]);
  place.write('new', systemRandom.bytes(2 << 20));
  const second = await back(place, access);
  assert.equal((await reader.entries(access, second, place.source, 10, signal)).entries.length, 2);
  await place.run({ kind: 'forget', ...place.common(), repository: access, snapshotIds: [first] });
  rmSync(join(place.source, 'kept'));
  const third = await back(place, access);
  await place.run({ kind: 'forget', ...place.common(), repository: access, snapshotIds: [second] });
  await place.run({ kind: 'prune', ...place.common(), repository: access, maxUnusedPercent: 0 });
  const entries = await reader.entries(access, third, place.source, 10, signal);
  assert.deepEqual(
    entries.entries.map(({ name }) => name),
    ['new'],
  );
  await using download = await reader.download(access, third, join(place.source, 'new'), signal);
  assert.equal((await bytesOf(download)).length, 2 << 20, 'packs were rewritten meanwhile');
  assert.equal(opened, 1);
  clock.advance(299_000);
  await new Promise(setImmediate);
  assert.equal(reader.openCount, 1);
  clock.advance(2_000);
  await new Promise(setImmediate);
  assert.equal(reader.openCount, 0);
  const others = [await place.makeRepository('a'), await place.makeRepository('b'), await place.makeRepository('c')];
  await Promise.all(others.map((other) => reader.snapshots(other, signal)));
  for (const other of others) assert.deepEqual(await reader.snapshots(other, signal), []);
  assert.ok(reader.openCount <= 2, `${reader.openCount} are open`);
  await assert.rejects(reader.snapshots({ ...access, password: 'wrong' }, signal), hasCode('wrong-password'));
  await assert.rejects(reader.snapshots({ ...access, password: 'wrong' }, signal), hasCode('wrong-password'));
  assert.ok(reader.openCount <= 2);
});
