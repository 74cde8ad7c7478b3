import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CodedError, Secret } from '@holdfast/kernel';
import { MemoryStorage } from '@holdfast/storage/memory';
import { Repository } from '../../repository/repository.ts';
import { check } from '../check/check.ts';
import { backup } from './backup.ts';
import type { BackupReport } from './backup-options.ts';

const password = new Secret('early');
let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-early-'));
  mkdirSync(join(root, 'below', 'deeper'), { recursive: true });
  writeFileSync(join(root, 'file'), Buffer.alloc(50_000, 'one'));
  writeFileSync(join(root, 'below', 'deeper', 'file'), Buffer.alloc(50_000, 'two'));
});

after(() => rmSync(root, { recursive: true, force: true }));

async function make(): Promise<{ memory: MemoryStorage; repository: Repository }> {
  const memory = new MemoryStorage();
  return { memory, repository: await Repository.init({ storage: memory, password, scrypt: { N: 16, r: 1, p: 1 } }) };
}

/** A backup that begins while its lock settles. */
async function early(repository: Repository): Promise<BackupReport> {
  await using lock = await repository.lockAndLoadIndexEarly({ exclusive: false });
  const parent = (await repository.snapshots()).at(-1);
  return await backup([{ repository, lock, parent }], { targets: [Buffer.from(root)] });
}

const stored = (memory: MemoryStorage): string[] => [...memory.files.keys()].filter((name) => /^(data|index|snapshot|lock)/.test(name));

test('a backup that begins while its lock settles ends as every other', async () => {
  const { memory, repository } = await make();
  const { destinations } = await early(repository);
  assert.equal(destinations[0]?.error, undefined);
  assert.equal((await check(await Repository.open({ storage: memory, password }), {})).errorCount, 0);
  assert.deepEqual(
    stored(memory).filter((name) => name.startsWith('lock')),
    [],
  );
});

test('F28: when another process turns out to have locked at the same moment, nothing at all was stored', async () => {
  const { memory, repository } = await make();
  await using lock = await repository.lockAndLoadIndexEarly({ exclusive: false });
  const mine = stored(memory);
  // The other one looked before our lock was there and wrote its own after we had looked.
  const elsewhere = await Repository.open({
    storage: new MemoryStorage({ files: new Map([...memory.files].filter(([n]) => !mine.includes(n))) }),
    password,
  });
  await using _ = await elsewhere.lockAndLoadIndexEarly({ exclusive: true });
  for (const [name, bytes] of (elsewhere.storage as MemoryStorage).files) memory.files.set(name, bytes);
  const refused = (error: unknown): boolean => CodedError.is(error, 'repository-locked');
  await assert.rejects(backup([{ repository, lock, parent: undefined }], { targets: [Buffer.from(root)] }), refused);
  await assert.rejects(lock.assertHeld(), refused);
  assert.deepEqual(
    stored(memory).filter((name) => !name.startsWith('lock')),
    [],
  );
});

test('F28: an index that was rewritten while the lock was taken does not count', async () => {
  const { memory, repository } = await make();
  await early(repository);
  const before = stored(memory);
  const again = await Repository.open({ storage: memory, password });
  await using lock = await again.lockAndLoadIndexEarly({ exclusive: false });
  for (const name of before) if (name.startsWith('index')) memory.files.delete(name);
  const running = backup([{ repository: again, lock, parent: undefined }], { targets: [Buffer.from(root)] });
  await assert.rejects(running, (error) => CodedError.is(error, 'repository-locked'));
  assert.deepEqual(
    stored(memory).filter((name) => !name.startsWith('lock')),
    before.filter((name) => !name.startsWith('index')),
  );
});

test('one destination whose lock is lost leaves the others alone', async () => {
  const [first, second] = [await make(), await make()];
  const locks = await Promise.all([first, second].map(({ repository }) => repository.lockAndLoadIndexEarly({ exclusive: false })));
  for (const name of first.memory.files.keys()) if (name.startsWith('lock')) first.memory.files.delete(name);
  const { destinations } = await backup(
    [first, second].map(({ repository }, i) => ({ repository, lock: locks[i], parent: undefined })),
    { targets: [Buffer.from(root)] },
  );
  for (const lock of locks) await lock[Symbol.asyncDispose]();
  assert.equal(destinations[0]?.error?.code, 'lock-lost');
  assert.deepEqual([destinations[1]?.error, typeof destinations[1]?.snapshot], [undefined, 'string']);
});

test('a parent snapshot that is damaged is told, and what it no longer tells is read anew', async () => {
  const { memory, repository } = await make();
  await early(repository);
  const parent = (await repository.snapshots())[0];
  assert.ok(parent);
  const index = repository.index;
  for (const name of memory.files.keys()) if (name.startsWith('data')) memory.files.delete(name);
  assert.ok(index.size > 0);
  const { problems, incomplete, counts } = await early(await Repository.open({ storage: memory, password }));
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['parent'],
  );
  assert.ok(incomplete);
  assert.equal(counts.filesNew, 2);
});
