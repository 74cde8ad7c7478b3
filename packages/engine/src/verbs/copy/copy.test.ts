import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { noFaults } from '@holdfast/storage/fault';
import { LocalStorage } from '@holdfast/storage/local';
import { layOutFiles } from '../../../../../test/support/repository-files.ts';
import { fixturePassword, RepositoryFixture } from '../../../../../test/support/repository-fixture.ts';
import { needRestic } from '../../../../../test/support/restic.ts';
import type { BlobType } from '../../index/blob-type.ts';
import { Repository } from '../../repository/repository.ts';
import { check, everyPack } from '../check/check.ts';
import { type CopyOptions, type CopyReport, copySnapshots } from './copy.ts';
import { isSameSnapshot } from './same-snapshot.ts';

let source: RepositoryFixture;
let first: string;
let second: string;
before(async () => {
  source = await RepositoryFixture.make({ packSizeBytes: 1500 });
  first = await source.snapshot({ 'd/one': [text(1)], 'd/two': [text(2), text(3)] }, 1);
  second = await source.snapshot({ 'd/one': [text(1)], 'e/four': [text(4)] }, 2);
});

describe('copy', () => {
  for (const version of [1, 2] as const) {
    test(`copies snapshots into a repository of version ${version}, once`, async (t) => {
      const destination = await RepositoryFixture.make({ version });
      const report = await copyAll(source, destination);
      assert.deepEqual(new Set(report.outcomes.map(({ sourceId }) => sourceId)), new Set([first, second]));
      assert.ok(report.outcomes.every(({ isNew }) => isNew));
      await assertSameBlobs(source.repository, destination.repository);
      const originals = new Map((await source.repository.snapshots()).map((snapshot) => [snapshot.id, snapshot]));
      for (const copied of await destination.repository.snapshots()) {
        const original = originals.get(copied.original ?? '');
        assert.ok(original !== undefined && isSameSnapshot(original, copied) && copied.parent === undefined);
      }
      const again = await copyAll(source, destination);
      assert.deepEqual([again.blobs, again.outcomes.some(({ isNew }) => isNew)], [0, false]);
      const back = await copyAll(destination, source);
      assert.deepEqual([back.blobs, back.outcomes.some(({ isNew }) => isNew)], [0, false]);
      const restic = needRestic(t);
      if (restic !== undefined) resticCheck(restic, destination);
    });
  }

  test('from version 1 to version 2: trees and data are compressed', async (t) => {
    const old = await RepositoryFixture.make({ version: 1 });
    await old.snapshot({ file: ['abc'.repeat(1000)], noise: [Buffer.from(text(9).split('').toReversed().join(''))] });
    const destination = await RepositoryFixture.make();
    await copyAll(old, destination);
    const { index } = destination.repository;
    for (let record = 0; record < index.size; record++) assert.ok(index.location(record).uncompressedBytes > 0);
    const restic = needRestic(t);
    if (restic !== undefined) resticCheck(restic, destination);
  });

  test('keeps compressed frames as they are', async () => {
    const destination = await RepositoryFixture.make();
    await copyAll(source, destination);
    const from = source.repository.index;
    const to = destination.repository.index;
    for (let record = 0; record < to.size; record++) {
      const original = from.location(from.find(to.type(record), to.idBytes(record)));
      assert.equal(to.sealedBytes(record), original.sealedBytes);
    }
  });

  test('a damaged blob ends the copy with an error; what was complete before is there and whole', async () => {
    const files = source.copyFiles();
    const { index } = source.repository;
    const lost = index.findHex('data', await source.blob('data', Buffer.from(text(4))));
    const key = `data/${index.packId(index.pack(lost))}`;
    const { offset } = index.location(lost);
    const bytes = files.get(key)?.slice() ?? new Uint8Array(0);
    bytes[offset + 20] = (bytes[offset + 20] ?? 0) ^ 1;
    source.memory.files.set(key, bytes);
    try {
      const destination = await RepositoryFixture.make();
      await assert.rejects(copyAll(source, destination, [first, second]), (error) => CodedError.is(error, 'blob-damaged'));
      assert.deepEqual(
        (await destination.repository.snapshots()).map(({ original }) => original),
        [first],
      );
      assert.equal((await check(destination.repository, { selectPacks: everyPack })).errorCount, 0);
    } finally {
      source.restoreFiles(files);
    }
  });

  test('wherever the destination dies, what it holds is whole, and the next copy completes', async (t) => {
    const destination = await RepositoryFixture.make();
    const empty = destination.copyFiles();
    const snapshots = await source.repository.snapshots();
    const error = new CodedError({ code: 'storage-denied', message: 'The storage is gone' });
    let deaths = 0;
    for (const kind of ['fail', 'lost-answer'] as const) {
      for (let n = 1; ; n++) {
        destination.restoreFiles(empty);
        let writes = 0;
        const opened = await destination.reopen();
        destination.storage.plan = ({ operation }) => {
          if (operation === 'save') writes += 1;
          return writes < n || operation === 'list' ? undefined : { kind: writes === n ? kind : 'fail', error };
        };
        const died = await copySnapshots(source.repository, opened, snapshots, { packSizeBytes: 1500 }).then(
          () => false,
          () => true,
        );
        destination.storage.plan = noFaults;
        assert.equal((await check(destination.repository, { selectPacks: everyPack })).errorCount, 0);
        if (!died) break;
        deaths += 1;
        await copySnapshots(source.repository, await destination.reopen(), snapshots);
        assert.equal((await destination.repository.snapshots()).length, 2);
        assert.equal((await check(destination.repository, { selectPacks: everyPack })).errorCount, 0);
      }
    }
    t.diagnostic(`${deaths} deaths`);
    assert.ok(deaths > 8);
  });

  test('trees that cannot be encoded again are carried as they are, from restic and back to it', async (t) => {
    const restic = needRestic(t);
    if (restic === undefined) return;
    const root = mkdtempSync(join(tmpdir(), 'holdfast-copy-'));
    try {
      const env = { ...process.env, RESTIC_PASSWORD: fixturePassword };
      const run = (...args: string[]): string => execFileSync(restic, ['--no-cache', ...args], { env, encoding: 'utf8' });
      const files = Buffer.from(`${root}/files`);
      mkdirSync(files);
      writeFileSync(Buffer.concat([files, Buffer.from('/odd \xff\u2028 name', 'latin1')]), 'content');
      symlinkSync(Buffer.from('target \xfe', 'latin1'), `${root}/files/link`);
      const made = join(root, 'made');
      run('-r', made, 'init');
      run('-r', made, 'backup', `${root}/files`);
      await using from = await Repository.open({ storage: new LocalStorage({ path: made }), password: new Secret(fixturePassword) });
      await from.loadIndex();
      const to = await RepositoryFixture.make();
      await copySnapshots(from, to.repository, await from.snapshots());
      await assertSameBlobs(from, to.repository);
      const copy = join(root, 'copy');
      layOutFiles(to.memory.files, copy);
      const list = (repository: string): string[] => run('-r', repository, 'ls', '--json', 'latest').split('\n').slice(1);
      assert.deepEqual(list(copy), list(made));
      run('-r', made, 'copy', '--from-repo', copy, '--from-password-file', passwordFile(root));
      assert.equal((JSON.parse(run('-r', made, 'snapshots', '--json')) as unknown[]).length, 1, 'restic sees that it has the copy already');
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

/** About 600 bytes that do not compress to nothing. */
function text(seed: number): string {
  return Array.from({ length: 120 }, (_, i) => ((seed + 1) * 7919 + i * 104729).toString(36)).join(' ');
}

async function copyAll(from: RepositoryFixture, to: RepositoryFixture, ids?: readonly string[]): Promise<CopyReport> {
  const options: CopyOptions = { packSizeBytes: 1500 };
  const all = await from.repository.snapshots();
  const chosen = ids?.map((id) => all.find((snapshot) => snapshot.id === id) ?? assert.fail()) ?? all;
  return copySnapshots(from.repository, to.repository, chosen, options);
}

/** Every blob of one is in the other, with the same content. */
async function assertSameBlobs(from: Repository, to: Repository): Promise<void> {
  for (let record = 0; record < from.index.size; record++) {
    const [type, id]: [BlobType, string] = [from.index.type(record), from.index.id(record)];
    assert.deepEqual(await to.loadBlob(type, id), await from.loadBlob(type, id));
  }
}

function passwordFile(root: string): string {
  const path = join(root, 'password');
  writeFileSync(path, fixturePassword);
  return path;
}

function resticCheck(restic: string, { memory }: RepositoryFixture): void {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-copy-'));
  try {
    layOutFiles(memory.files, directory);
    const env = { ...process.env, RESTIC_PASSWORD: fixturePassword };
    const { status, stdout, stderr } = spawnSync(restic, ['-r', directory, '--no-cache', 'check', '--read-data'], {
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, `${stdout}${stderr}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
