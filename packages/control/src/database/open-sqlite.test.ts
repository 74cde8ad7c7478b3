import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { sql } from 'kysely';
import { migrate } from './migrate.ts';
import { openSqlite, requireSqliteVersion } from './open-sqlite.ts';

async function folder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-sqlite-'));
  return { path, [Symbol.asyncDispose]: async () => await rm(path, { recursive: true }) };
}

const unusable =
  (message: RegExp) =>
  (error: unknown): boolean =>
    CodedError.is(error, 'database-unusable') && message.test(error.message) && error.hint !== undefined;

test('F36 an SQLite that can damage its write-ahead log is refused, and the one in use is none', async () => {
  for (const version of ['3.7.0', '3.51.2', '3.50.9', '2.99.99', ''])
    assert.throws(() => requireSqliteVersion(version), unusable(/3\.51\.3/));
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '3.100.0', '4.0.0']) requireSqliteVersion(version);
  requireSqliteVersion(process.versions['sqlite'] ?? '');
});

test('F36 the database is in the mode that lasts: one connection, write-ahead log, full sync, foreign keys, no memory map', async () => {
  await using place = await folder();
  await using database = await openSqlite(join(place.path, 'holdfast.sqlite'));
  const answers: Record<string, unknown> = {};
  for (const name of ['journal_mode', 'synchronous', 'foreign_keys', 'mmap_size', 'busy_timeout']) {
    const { rows } = await sql`pragma ${sql.raw(name)}`.execute(database.tables);
    answers[name] = Object.values(rows[0] ?? {})[0];
  }
  assert.deepEqual(answers, { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, mmap_size: 0, busy_timeout: 20 });
});

test('only its owner can read the database and its log, also where others could before', async () => {
  await using place = await folder();
  const path = join(place.path, 'holdfast.sqlite');
  await writeFile(path, '');
  await chmod(path, 0o644);
  await using database = await openSqlite(path);
  await migrate(database, 0);
  for (const suffix of ['', '-wal', '-shm']) assert.equal((await stat(path + suffix)).mode & 0o777, 0o600, suffix);
});

test('a file that is no database, a directory and a place that is not there are refused, and left as they are', async () => {
  await using place = await folder();
  const path = join(place.path, 'letter.txt');
  await writeFile(path, 'Dear Sir or Madam, '.repeat(100));
  await assert.rejects(openSqlite(path), unusable(/letter\.txt cannot be used: file is not a database/));
  await assert.rejects(openSqlite(place.path), unusable(/cannot be opened: EISDIR/));
  await assert.rejects(openSqlite(join(place.path, 'none/holdfast.sqlite')), unusable(/ENOENT/));
  assert.equal((await stat(path)).size, 1900);
});
