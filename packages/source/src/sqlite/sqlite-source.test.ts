import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, suite, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { hasProgram } from '../../../../test/services/run-program.ts';
import { assertCutsAreNoticed } from '../../../../test/support/cut-short.ts';
import { failure } from '../../../../test/support/failure.ts';
import { asEntries, collect, listPull, pullAll } from '../../../../test/support/source-streams.ts';
import { SqliteOptions, SqliteSource } from './index.ts';
import { verifySqlite } from './verify-sqlite.ts';

await suite('SQLite', { skip: whyNoSqlite() }, async () => {
  let folder: string;
  const host = new LocalHost();

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-sqlite-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function make(name: string, mode: 'wal' | 'delete' = 'wal', rows = 500): string {
    const path = join(folder, name);
    rmSync(path, { force: true });
    using database = new DatabaseSync(path);
    database.exec(`PRAGMA journal_mode = ${mode}; CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT, data BLOB);`);
    database.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
      INSERT INTO t SELECT i, 'row 𝛑 ' || i, randomblob(200) FROM n`);
    return path;
  }

  function content(path: string): unknown[] {
    using database = new DatabaseSync(path, { readOnly: true });
    return database.prepare('SELECT id, text, hex(data) AS data FROM t ORDER BY id').all();
  }

  function source(path: string, more: Record<string, unknown> = {}): SqliteSource {
    return new SqliteSource(SqliteOptions.parse({ paths: [path], ...more }));
  }

  for (const method of ['backup', 'vacuum-into'] as const) {
    for (const mode of ['wal', 'delete'] as const) {
      test(`copy, remove, restore, compare (${method}, ${mode})`, async () => {
        const path = make(`-it's "${method}" ${mode} %41#?.db`, mode);
        const wanted = content(path);
        const driver = source(path, { method });
        const contents = await pullAll(driver, host);
        assert.deepEqual(Array.from(contents.keys()), [path.slice(1)]);
        rmSync(path);
        await driver.push(host, asEntries(contents));
        assert.deepEqual(content(path), wanted);
        assert.equal(statSync(path).mode & 0o777, 0o600);
      });
    }
  }

  test('what somebody has written and not merged is in the copy, while he has the file open', async () => {
    const path = make('open.db');
    using writer = new DatabaseSync(path);
    writer.exec("PRAGMA wal_autocheckpoint = 0; INSERT INTO t VALUES (100000, 'in the log only', NULL)");
    assert.ok(statSync(`${path}-wal`).size > 0);
    const contents = await pullAll(source(path), host);
    const other = join(folder, 'other.db');
    await source(path).push(host, asEntries(contents), { rename: { [path]: other } });
    assert.equal((content(other).at(-1) as { text?: unknown }).text, 'in the log only');
  });

  test('F22 copies under load are sound, where copies of the file would not be', async () => {
    const path = make('load.db', 'wal', 2000);
    const script = `const { DatabaseSync } = require('node:sqlite'); const d = new DatabaseSync(${JSON.stringify(path)});
      d.exec('PRAGMA busy_timeout=5000'); for (let i = 0; ; i++) { d.exec('BEGIN; UPDATE t SET data = randomblob(300) WHERE id % 7 = ' + i % 7 + '; INSERT INTO t (text) VALUES (1); DELETE FROM t WHERE id IN (SELECT max(id) FROM t); COMMIT'); if (i === 0) console.log('goes'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); }`;
    const load = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await new Promise((resolve) => load.stdout.once('data', resolve));
      for (const method of ['backup', 'vacuum-into'] as const) {
        for (let round = 0; round < 3; round += 1) {
          const copy = join(folder, 'copy.db');
          const [bytes] = (await pullAll(source(path, { method }), host)).values();
          writeFileSync(copy, bytes ?? Buffer.alloc(0));
          using database = new DatabaseSync(copy);
          assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
          assert.equal(database.prepare('SELECT count(*) AS n FROM t').get()?.['n'], 2000);
        }
      }
    } finally {
      load.kill('SIGKILL');
    }
  });

  test('F66 files that stood beside the old database do not spoil the restored one', async () => {
    const path = make('beside.db');
    const wanted = content(path);
    const contents = await pullAll(source(path), host);
    const driver = source(path);
    assert.equal((await failure(driver.push(host, asEntries(contents)))).code, 'target-occupied');
    // Left behind by a process that was killed: a log of other pages.
    const other = make('else.db');
    using writer = new DatabaseSync(other);
    writer.exec("PRAGMA wal_autocheckpoint = 0; UPDATE t SET text = 'stale'");
    writeFileSync(`${path}-wal`, 'stale log');
    writeFileSync(`${path}-shm`, 'stale index');
    writeFileSync(`${path}-journal`, 'stale journal');
    await driver.push(host, asEntries(contents), { existing: 'replace' });
    assert.deepEqual(content(path), wanted);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('beside.db-journal') || name.includes('holdfast-')),
      [],
    );
  });

  test('a copy that is cut short is never put in place', async () => {
    const path = make('cut.db');
    const driver = source(path);
    const contents = await pullAll(driver, host);
    const [whole] = contents.values();
    assert.ok(whole !== undefined);
    await assertCutsAreNoticed(whole, (bytes) => verifySqlite(bytes, 'The copy'));
    const wanted = content(path);
    const cut = new Map([[path.slice(1), whole.subarray(0, whole.byteLength - 1)]]);
    assert.equal((await failure(driver.push(host, asEntries(cut), { existing: 'replace' }))).code, 'source-incomplete');
    const spoilt = Buffer.from(whole);
    spoilt.fill(0x55, 4096 * 3, 4096 * 5);
    const damaged = new Map([[path.slice(1), spoilt]]);
    assert.equal((await failure(driver.push(host, asEntries(damaged), { existing: 'replace' }))).code, 'source-incomplete');
    assert.deepEqual(content(path), wanted);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.includes('holdfast-')),
      [],
    );
  });

  test('F6 a file that is missing, no database, damaged; a missing tool: the right code and nothing left', async () => {
    assert.equal((await failure(listPull(source(join(folder, 'nowhere.db')), host))).code, 'source-not-found');
    assert.ok(!existsSync(join(folder, 'nowhere.db')));
    const text = join(folder, 'text.db');
    writeFileSync(text, 'this is no database, and long enough to be looked at as one. '.repeat(100));
    assert.equal((await failure(pullAll(source(text), host))).code, 'source-incomplete');
    const damaged = make('damaged.db', 'delete');
    const bytes = Buffer.alloc(8192, 0x5a);
    const file = (await import('node:fs')).openSync(damaged, 'r+');
    (await import('node:fs')).writeSync(file, bytes, 0, bytes.byteLength, 4096 * 2);
    (await import('node:fs')).closeSync(file);
    assert.equal((await failure(pullAll(source(damaged), host))).code, 'source-incomplete');
    const good = make('good.db');
    assert.equal((await failure(listPull(source(good, { toolFolder: '/nowhere' }), host))).code, 'tool-missing');
    assert.deepEqual(globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() }), []);
    const { problems } = await source(join(folder, 'nowhere.db')).probe(host);
    assert.deepEqual(
      problems.map(({ code }) => code),
      ['source-not-found'],
    );
  });

  test('an empty database is one', async () => {
    const path = join(folder, 'empty.db');
    new DatabaseSync(path).exec('PRAGMA user_version = 7');
    const [bytes] = (await pullAll(source(path), host)).values();
    assert.ok((bytes?.byteLength ?? 0) > 0);
  });

  test('a database that somebody holds for too long is told of', async () => {
    const path = make('held.db', 'delete');
    using holder = new DatabaseSync(path);
    holder.exec('BEGIN EXCLUSIVE');
    const error = await failure(pullAll(source(path, { busySeconds: 0 }), host));
    assert.equal(error.code, 'source-unreachable', error.message);
    assert.equal(error.retry, 'temporary');
  });

  test('leaving a copy early removes what was made for it', async () => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    const path = make('sub/large.db', 'wal', 5000);
    const [entry] = await listPull(source(path), host);
    assert.ok(entry !== undefined);
    for await (const _ of entry.open()) break;
    assert.ok((await collect(entry.open())).byteLength > 0, 'it can be opened again');
    assert.deepEqual(globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() }), []);
  });
});

function whyNoSqlite(): string | undefined {
  if (hasProgram('sqlite3')) return undefined;
  const reason = 'needs sqlite3: see test/services/install.ts';
  if (process.env['CI'] === 'true') throw new Error(reason);
  return reason;
}
