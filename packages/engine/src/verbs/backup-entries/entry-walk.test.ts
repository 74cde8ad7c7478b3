import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { Repository } from '../../repository/repository.ts';
import { backup } from '../backup/backup.ts';
import type { BackupReport } from '../backup/backup-options.ts';
import type { DeliveredItem, EntrySource, ListedEntry, ListedItem } from './entry-source.ts';

/** Entries of a test are this many, unless the environment says otherwise. */
const entryCount = Number(process.env['HOLDFAST_ENTRIES'] ?? 45_000);

function entry(path: string, changes: Partial<ListedEntry> = {}): ListedEntry {
  return {
    path: Buffer.from(path),
    type: 'file',
    permissions: 0o644,
    uid: 0,
    gid: 0,
    user: 'root',
    group: 'root',
    sizeBytes: 0,
    mtimeNs: 1_700_000_000_000_000_000n,
    ctimeNs: 1_700_000_000_000_000_000n,
    inode: 1n,
    deviceId: 1n,
    links: 1,
    linkTarget: undefined,
    device: 0n,
    ...changes,
  };
}

function listed(path: string, changes: Partial<ListedEntry> = {}, onTheWay = false): ListedItem {
  return { kind: 'entry', entry: entry(path, changes), onTheWay };
}

/** A source whose files are all empty, and which counts what it is asked for. */
function fakeSource(items: () => Iterable<ListedItem>, asked: { files: number; batches: number }): EntrySource {
  return {
    async *list() {
      yield* items();
    },
    async *read(files): AsyncGenerator<DeliveredItem> {
      asked.files += files.length;
      asked.batches += 1;
      for (const [index, file] of files.entries()) {
        yield { kind: 'content', index, mtimeNs: file.mtimeNs, bytes: none() };
      }
    },
    async *findTagged() {
      yield* [];
    },
  };
}

async function* none(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0);
}

function* manyEntries(): Generator<ListedItem> {
  yield listed('/s', { type: 'dir' });
  for (let d = 0; d * 1000 < entryCount; d++) {
    yield listed(`/s/d${d}`, { type: 'dir' });
    for (let f = 0; f < 1000; f++) yield listed(`/s/d${d}/f${(f * 7919) % 1000}`, { inode: BigInt(d * 1000 + f) });
  }
}

async function newRepository(): Promise<Repository> {
  return Repository.init({ storage: new MemoryStorage(), password: new Secret('x'), scrypt: { N: 16, r: 1, p: 1 } });
}

async function run(repository: Repository, entries: EntrySource, target = '/s'): Promise<BackupReport> {
  await using lock = await repository.lockAndLoadIndex({ exclusive: false });
  const parent = (await repository.snapshots()).toSorted((a, b) => (a.time < b.time ? -1 : 1)).at(-1);
  return await backup([{ repository, lock, parent }], { targets: [Buffer.from(target)], entries });
}

test('files are asked for in batches while the listing goes on, and not again when nothing changed', { timeout: 600_000 }, async () => {
  const repository = await newRepository();
  const asked = { files: 0, batches: 0 };
  const first = await run(repository, fakeSource(manyEntries, asked));
  const count = Math.ceil(entryCount / 1000) * 1000;
  assert.deepEqual([first.counts.filesNew, asked.files, asked.batches], [count, count, Math.ceil(count / 20_000)]);
  const second = await run(repository, fakeSource(manyEntries, asked));
  assert.equal(asked.files, count);
  assert.equal(second.tree, first.tree);
  assert.deepEqual([second.counts.filesUnmodified, second.counts.dirsUnmodified], [count, Math.ceil(entryCount / 1000) + 1]);
});

test('an entry out of its place is an error, and no snapshot is made', async () => {
  const repository = await newRepository();
  for (const items of [
    [listed('/s/inner/file')],
    [listed('/s', { type: 'dir' }), listed('/s/d', { type: 'dir' }), listed('/s/e', { type: 'dir' }), listed('/s/d/late')],
    [listed('/s', { type: 'dir' }), listed('/elsewhere/file')],
  ]) {
    const backedUp = run(
      repository,
      fakeSource(() => items, { files: 0, batches: 0 }),
    );
    await assert.rejects(backedUp, (error) => CodedError.is(error, 'source-incomplete'));
  }
  assert.deepEqual(await repository.snapshots(), []);
});

test('a name that is listed twice is kept once and told', async () => {
  const repository = await newRepository();
  const items = [listed('/s', { type: 'dir' }), listed('/s/f', { inode: 1n }), listed('/s/g'), listed('/s/f', { inode: 2n })];
  const report = await run(
    repository,
    fakeSource(() => items, { files: 0, batches: 0 }),
  );
  assert.deepEqual(
    report.problems.map(({ kind, path }) => `${kind} ${Buffer.from(path)}`),
    ['changed /s/f'],
  );
  assert.notEqual(report.destinations[0]?.snapshot, undefined);
});

test('a source that delivers nothing, the wrong or twice does not pass for one that delivered', async () => {
  const repository = await newRepository();
  const items = [listed('/s', { type: 'dir' }), listed('/s/f')];
  const source = fakeSource(() => items, { files: 0, batches: 0 });
  const silent = await run(repository, { ...source, read: () => fakeSource(() => [], { files: 0, batches: 0 }).read([], {}) });
  assert.deepEqual(
    silent.problems.map(({ kind, path }) => `${kind} ${Buffer.from(path)}`),
    ['unreadable /s/f'],
  );
  assert.ok(silent.incomplete);
  const content = (index: number): DeliveredItem => ({ kind: 'content', index, mtimeNs: undefined, bytes: none() });
  for (const indexes of [[1], [0, 0]]) {
    const wrong = run(repository, {
      ...source,
      read: async function* () {
        for (const index of indexes) yield content(index);
      },
    });
    await assert.rejects(wrong, (error) => CodedError.is(error, 'internal'));
  }
});
