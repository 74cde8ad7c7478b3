import assert from 'node:assert/strict';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { LocalHost } from '@holdfast/connect/local';
import { openChain } from '@holdfast/connect/open-chain';
import type { Host } from '@holdfast/connect/port';
import { Secret } from '@holdfast/kernel';
import { PostgresOptions, PostgresSource } from '@holdfast/source/postgres';
import { SqliteOptions, SqliteSource } from '@holdfast/source/sqlite';
import pg from 'pg';
import { startPostgres } from './services/postgres-server.ts';
import { SshServer, signal, whyNoSshd } from './services/sshd.ts';
import { failure } from './support/failure.ts';
import { whyNoPostgres } from './support/postgres.ts';
import { asEntries, listPull, pullAll } from './support/source-streams.ts';
import { connectorTo, processesWith } from './support/ssh-chain.ts';

await suite('dumps through local → ssh → ssh', { skip: whyNoPostgres() ?? whyNoSshd() }, async () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let first: SshServer;
  let second: SshServer;
  let url: URL;
  let host: Host;
  const local = new LocalHost();
  const hostileName = '-- ; $(touch hacked) `touch hacked` "it\'s"';

  before(async () => {
    [server, first, second] = await Promise.all([startPostgres(), SshServer.start(), SshServer.start()]);
    url = new URL(server.url);
    host = await openChain(local, [connectorTo(first), connectorTo(second)]);
  });
  after(async () => {
    await host[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  function source(...databases: string[]): PostgresSource {
    const password = decodeURIComponent(url.password);
    const address = { host: url.hostname, port: Number(url.port), user: url.username, password: new Secret(password) };
    return new PostgresSource(PostgresOptions.parse({ ...address, databases, roles: false }));
  }

  async function sql(database: string, ...statements: string[]): Promise<pg.QueryResult[]> {
    const at = { host: url.hostname, port: Number(url.port), user: url.username, password: decodeURIComponent(url.password) };
    const client = new pg.Client({ ...at, database });
    await client.connect();
    try {
      return await Promise.all(statements.map((statement) => client.query(statement)));
    } finally {
      await client.end();
    }
  }

  function leftovers(): string[] {
    return globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() });
  }

  async function make(name: string, rows: number): Promise<void> {
    await sql('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
    await sql(name, `CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS x FROM generate_series(1, ${rows}) n`);
  }

  test('PostgreSQL: dump, drop, restore, compare, with a hostile name', async () => {
    await make(hostileName, 2000);
    const contents = await pullAll(source(hostileName), host);
    await sql('postgres', `DROP DATABASE "${hostileName.replaceAll('"', '""')}"`);
    await source(hostileName).push(host, asEntries(contents));
    const [sum] = await sql(hostileName, 'SELECT count(*)::int AS n, md5(string_agg(x, $$$$ ORDER BY n)) AS sum FROM t');
    assert.equal(sum?.rows[0]?.n, 2000);
    const again = await pullAll(source(hostileName), host);
    assert.equal(Array.from(again.values()).at(-1)?.byteLength, Array.from(contents.values()).at(-1)?.byteLength);
    assert.deepEqual(globSync('hacked'), []);
    assert.deepEqual(leftovers(), []);
  });

  test('SQLite: a copy through the chain', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-over-ssh-'));
    try {
      const path = join(folder, "it's a database.db");
      {
        using database = new DatabaseSync(path);
        database.exec("PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES ('x')");
      }
      const driver = new SqliteSource(SqliteOptions.parse({ paths: [path] }));
      const contents = await pullAll(driver, host);
      rmSync(path);
      await driver.push(host, asEntries(contents));
      using database = new DatabaseSync(path);
      assert.deepEqual({ ...database.prepare('SELECT a FROM t').get() }, { a: 'x' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('F79 the password is in no process list and no environment of any host while a dump runs', async () => {
    await make('seen', 40_000);
    const [, dump] = await listPull(source('seen'), host);
    assert.ok(dump !== undefined);
    let looked = 0;
    for await (const _ of dump.open()) {
      if (looked++ % 50 === 0) assert.deepEqual(processesWith([decodeURIComponent(url.password)]), []);
    }
    assert.ok(looked > 0);
  });

  test('F14 a chain that breaks in mid-dump: the stream throws and the far side cleans up by itself', async () => {
    await make('cut', 60_000);
    await using chain = await openChain(local, [connectorTo(first), connectorTo(second)]);
    const [, dump] = await listPull(source('cut'), chain);
    assert.ok(dump !== undefined);
    let bytes = 0;
    const error = await failure(
      (async () => {
        for await (const piece of dump.open()) {
          if (bytes === 0) for (const pid of [...first.connections(), ...second.connections()]) signal(pid, 'SIGKILL');
          bytes += piece.byteLength;
        }
      })(),
    );
    assert.equal(error.code, 'connection-lost', error.message);
    assert.ok(bytes > 0);
    for (let tries = 0; tries < 300 && leftovers().length > 0; tries += 1) await delay(50);
    assert.deepEqual(leftovers(), []);
  });
});
