import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { type CodedError, Secret } from '@holdfast/kernel';
import pg from 'pg';
import { startPostgres } from '../../../../test/services/postgres-server.ts';
import { runProgram } from '../../../../test/services/run-program.ts';
import { assertCutsAreNoticed } from '../../../../test/support/cut-short.ts';
import { failure } from '../../../../test/support/failure.ts';
import { useOwnTemporaryDirectory } from '../../../../test/support/own-temporary-directory.ts';
import { whyNoPostgres } from '../../../../test/support/postgres.ts';
import { asEntries, collect, listPull, pullAll } from '../../../../test/support/source-streams.ts';
import { PostgresOptions, PostgresSource } from './index.ts';
import { verifyCustomArchive } from './verify-custom-archive.ts';
import { verifySqlDump } from './verify-sql-dump.ts';

const hostileNames = [
  'MixedCase',
  'with "quotes"',
  "it's",
  'two words',
  'smørrebrød ☃ 𝛑',
  '-rf',
  '-- ; drop table x',
  'a/b',
  '..',
  '$(touch hacked)',
  'a=b',
  "dbname='x'",
];

useOwnTemporaryDirectory();

await suite('PostgreSQL', { skip: whyNoPostgres() }, async () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let url: URL;
  const host = new LocalHost();

  before(async () => {
    server = await startPostgres();
    url = new URL(server.url);
  });
  after(async () => await server[Symbol.asyncDispose]());

  function options(more: Record<string, unknown> = {}): PostgresOptions {
    const password = new Secret(decodeURIComponent(url.password));
    return PostgresOptions.parse({ host: url.hostname, port: Number(url.port), user: url.username, password, ...more });
  }

  async function sql(database: string, ...statements: string[]): Promise<pg.QueryResult[]> {
    const client = new pg.Client({ ...connection(), database });
    await client.connect();
    try {
      const results: pg.QueryResult[] = [];
      for (const statement of statements) results.push(await client.query(statement));
      return results;
    } finally {
      await client.end();
    }
  }

  function connection(): pg.ClientConfig {
    return { host: url.hostname, port: Number(url.port), user: url.username, password: decodeURIComponent(url.password) };
  }

  /** All of a database as SQL, by default with the statement that makes it, and without what is random in it. */
  function fullDump(database: string, parameters = ['--create']): string {
    const where = ['--host', url.hostname, '--port', url.port, '--username', url.username];
    const environment = process.env['PGPASSWORD'];
    process.env['PGPASSWORD'] = decodeURIComponent(url.password);
    try {
      const name = `dbname='${database.replaceAll(/[\\']/g, '\\$&')}'`;
      return runProgram('pg_dump', [...where, ...parameters, `--dbname=${name}`]).replaceAll(/^\\(?:un)?restrict .*$/gm, '');
    } finally {
      if (environment === undefined) delete process.env['PGPASSWORD'];
      else process.env['PGPASSWORD'] = environment;
    }
  }

  async function fresh(name: string, ...statements: string[]): Promise<AsyncDisposable> {
    const quoted = `"${name.replaceAll('"', '""')}"`;
    await sql('postgres', `DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`, `CREATE DATABASE ${quoted} TEMPLATE template0`);
    await sql(name, ...statements);
    return { [Symbol.asyncDispose]: async () => void (await sql('postgres', `DROP DATABASE IF EXISTS ${quoted} WITH (FORCE)`)) };
  }

  function leftovers(): string[] {
    return globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() });
  }

  const special = [
    'CREATE EXTENSION pgcrypto',
    'CREATE TABLE "Mixed Case" (id serial PRIMARY KEY, "a ""quoted"" column" text, data bytea, at timestamptz)',
    `INSERT INTO "Mixed Case" ("a ""quoted"" column", data, at) SELECT 'row ' || n || E' 𝛑\\n\\t\\\\.', decode(md5(n::text), 'hex'), '2026-01-01'::timestamptz + n * interval '1 hour' FROM generate_series(1, 500) n`,
    'CREATE VIEW seen AS SELECT id, at FROM "Mixed Case" WHERE id > 3',
    'CREATE MATERIALIZED VIEW kept AS SELECT count(*) AS n FROM "Mixed Case"',
    `CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.at := now(); -- PostgreSQL database dump complete
      RETURN NEW; END $$`,
    'CREATE TRIGGER noting BEFORE UPDATE ON "Mixed Case" FOR EACH ROW EXECUTE FUNCTION noted()',
    `SELECT lo_from_bytea(0, decode(repeat('00ff10', 2000), 'hex')), lo_from_bytea(0, 'second')`,
    `COMMENT ON TABLE "Mixed Case" IS 'a "comment", with ''quotes'''`,
  ];

  for (const format of ['custom', 'plain'] as const) {
    test(`dump, drop, restore, compare (${format}): extension, large objects, views, triggers, odd names`, async () => {
      await using _database = await fresh('Round Trip', ...special);
      await sql(
        'postgres',
        'ALTER DATABASE "Round Trip" SET search_path TO "$user", public, "odd schema"',
        `ALTER DATABASE "Round Trip" SET application_name TO 'it''s \\ mine'`,
        `COMMENT ON DATABASE "Round Trip" IS 'the one'`,
        'REVOKE CONNECT ON DATABASE "Round Trip" FROM PUBLIC',
        'ALTER DATABASE "Round Trip" CONNECTION LIMIT 7',
      );
      const source = new PostgresSource(options({ databases: ['Round Trip'], format }));
      const wanted = fullDump('Round Trip');
      const contents = await pullAll(source, host);
      assert.deepEqual(Array.from(contents.keys()).sort(), [
        'about.json',
        `databases/Round Trip.${format === 'custom' ? 'dump' : 'sql'}`,
        'roles.sql',
      ]);
      await sql('postgres', 'DROP DATABASE "Round Trip"');
      const report = await source.push(host, asEntries(contents));
      assert.deepEqual(report.notes, []);
      assert.equal(fullDump('Round Trip'), wanted);
      const other = await source.push(host, asEntries(contents), { rename: { 'Round Trip': 'Other' } });
      await using _other = { [Symbol.asyncDispose]: async () => void (await sql('postgres', 'DROP DATABASE "Other"')) };
      assert.deepEqual(
        other.restored.map(({ as }) => as),
        ['Other'],
      );
      assert.equal(fullDump('Other', []), fullDump('Round Trip', []));
    });
  }

  test('F60 an existing database is refused, and replaced only when all of the new one is there', async () => {
    await using _database = await fresh('kept', 'CREATE TABLE t AS SELECT 1 AS a');
    const source = new PostgresSource(options({ databases: ['kept'] }));
    const contents = await pullAll(source, host);
    await sql('kept', 'INSERT INTO t VALUES (2)');
    assert.equal((await failure(source.push(host, asEntries(contents)))).code, 'target-occupied');
    const dump = contents.get('databases/kept.dump') ?? Buffer.alloc(0);
    const cut = new Map(contents).set('databases/kept.dump', dump.subarray(0, -3));
    assert.equal((await failure(source.push(host, asEntries(cut), { existing: 'replace' }))).code, 'source-incomplete');
    assert.equal((await sql('kept', 'SELECT count(*)::int AS n FROM t'))[0]?.rows[0]?.n, 2);
    const inUse = new pg.Client({ ...connection(), database: 'kept' });
    inUse.on('error', () => undefined);
    await inUse.connect();
    await source.push(host, asEntries(contents), { existing: 'replace' });
    await inUse.end().catch(() => undefined);
    assert.equal((await sql('kept', 'SELECT count(*)::int AS n FROM t'))[0]?.rows[0]?.n, 1);
    const names = await sql('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'holdfast%'");
    assert.deepEqual(names[0]?.rows, []);
  });

  test('hostile names of databases execute nothing and arrive', async () => {
    await using stack = new AsyncDisposableStack();
    for (const name of hostileNames) stack.use(await fresh(name, 'CREATE TABLE t AS SELECT 1 AS a'));
    const source = new PostgresSource(options({ databases: hostileNames, roles: false }));
    const contents = await pullAll(source, host);
    const wanted = hostileNames.map((name) => fullDump(name));
    for (const name of hostileNames) await sql('postgres', `DROP DATABASE "${name.replaceAll('"', '""')}"`);
    const { restored } = await source.push(host, asEntries(contents));
    assert.deepEqual(restored.map(({ as }) => as).sort(), Array.from(hostileNames).sort());
    assert.deepEqual(
      hostileNames.map((name) => fullDump(name)),
      wanted,
    );
    assert.ok(!existsSync('hacked'));
  });

  test('all takes new databases by itself, no templates, and leaves out what it is told to', async () => {
    await using _one = await fresh('one');
    await using _two = await fresh('two');
    const source = new PostgresSource(options({ databases: 'all', excludeDatabases: ['two'] }));
    const paths = (await listPull(source, host)).map(({ path }) => String(path));
    assert.ok(paths.includes('databases/one.dump') && paths.includes('databases/postgres.dump'));
    assert.ok(!paths.includes('databases/two.dump') && !paths.some((path) => path.includes('template')));
    await using _three = await fresh('three');
    assert.ok((await listPull(source, host)).some(({ path }) => path === 'databases/three.dump'));
  });

  test('roles come back with their passwords and properties', async () => {
    await sql(
      'postgres',
      "CREATE ROLE \"Odd 'Role\" LOGIN PASSWORD 'secret' CONNECTION LIMIT 3",
      'CREATE ROLE grp',
      `GRANT grp TO "Odd 'Role"`,
    );
    await using _database = await fresh('owned', `CREATE TABLE t (a int)`, `ALTER TABLE t OWNER TO "Odd 'Role"`);
    const roles = "SELECT rolname, rolcanlogin, rolconnlimit, rolpassword FROM pg_authid WHERE rolname NOT LIKE 'pg\\_%' ORDER BY 1";
    const wanted = (await sql('postgres', roles))[0]?.rows;
    const source = new PostgresSource(options({ databases: ['owned'] }));
    const contents = await pullAll(source, host);
    await sql('postgres', 'DROP DATABASE owned', `DROP ROLE "Odd 'Role"`, 'DROP ROLE grp');
    const missing = await failure(source.push(host, asEntries(contents)));
    assert.equal(missing.code, 'target-unwritable');
    assert.match(missing.hint ?? '', /roles/);
    const { notes } = await source.push(host, asEntries(contents), { roles: true });
    assert.match(notes.join(), /there already/);
    assert.deepEqual((await sql('postgres', roles))[0]?.rows, wanted);
    await sql('postgres', 'DROP DATABASE owned', `DROP ROLE "Odd 'Role"`, 'DROP ROLE grp');
    await source.push(host, asEntries(contents), { owners: false });
  });

  test('F65 no beginning of a dump passes for the whole, whatever its format', async () => {
    await using _database = await fresh('cut', ...special);
    for (const format of ['custom', 'plain'] as const) {
      const contents = await pullAll(new PostgresSource(options({ databases: ['cut'], format })), host);
      const dump = contents.get(`databases/cut.${format === 'custom' ? 'dump' : 'sql'}`) ?? Buffer.alloc(0);
      const verify = (bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> =>
        format === 'custom' ? verifyCustomArchive(bytes, 'The dump') : verifySqlDump(bytes, 'The dump', 'database');
      await assertCutsAreNoticed(dump, verify);
      const roles = contents.get('roles.sql') ?? Buffer.alloc(0);
      await assertCutsAreNoticed(roles, (bytes) => verifySqlDump(bytes, 'The dump', 'cluster'));
    }
  });

  test('an empty database is dumped and restored', async () => {
    await using _database = await fresh('empty');
    for (const format of ['custom', 'plain'] as const) {
      const source = new PostgresSource(options({ databases: ['empty'], format, roles: false }));
      const contents = await pullAll(source, host);
      await source.push(host, asEntries(contents), { existing: 'replace' });
    }
  });

  test('F1 F6 wrong host, password, database: the right code and no bytes', async () => {
    const pull = async (more: Record<string, unknown>): Promise<CodedError> =>
      await failure(listPull(new PostgresSource(options(more)), host));
    const cases = {
      'source-denied': { password: new Secret('wrong') },
      'source-unreachable': { port: 1 },
      'source-not-found': { databases: ['postgres', 'nowhere'] },
      'tool-missing': { toolFolder: '/nowhere/bin' },
    };
    for (const [code, more] of Object.entries(cases)) {
      const error = await pull(more);
      assert.equal(error.code, code, error.message);
      assert.ok((error.hint ?? '') !== '');
      assert.ok(!error.message.includes(decodeURIComponent(url.password)));
    }
    assert.equal((await pull({ user: 'nobody_of_that_name' })).code, 'source-denied');
    assert.equal((await pull({ excludeDatabases: await everyDatabase() })).code, 'source-not-found');
    assert.deepEqual(leftovers(), []);
  });

  async function everyDatabase(): Promise<string[]> {
    return ((await sql('postgres', 'SELECT datname FROM pg_database'))[0]?.rows ?? []).map(({ datname }) => datname);
  }

  test('a role that may not read a table gets no dump, and the reason; probe says it before', async () => {
    await sql('postgres', "CREATE ROLE reader LOGIN PASSWORD 'r'");
    await using _database = await fresh(
      'locked',
      'CREATE TABLE t AS SELECT 1 AS a',
      'CREATE TABLE open AS SELECT 1 AS a',
      'GRANT SELECT ON open TO reader',
    );
    const source = new PostgresSource(options({ user: 'reader', password: new Secret('r'), databases: ['locked'] }));
    const probe = await source.probe(host);
    assert.ok(probe.problems.some(({ code, hint }) => code === 'source-denied' && hint.includes('pg_read_all_data')));
    const entries = await listPull(source, host);
    const dump = entries.find(({ path }) => path === 'databases/locked.dump');
    assert.ok(dump !== undefined);
    const error = await failure(collect(dump.open()));
    assert.equal(error.code, 'source-denied', error.message);
    assert.match(error.message, /permission denied/);
    await sql('postgres', 'GRANT pg_read_all_data TO reader');
    assert.ok((await collect(dump.open())).byteLength > 0);
    const roles = entries.find(({ path }) => path === 'roles.sql');
    assert.ok(
      roles !== undefined && !(await collect(roles.open())).toString().includes('SCRAM'),
      'no passwords without a superuser, and no failure',
    );
  });

  test('F3 F5 a backend that is ended in mid-dump makes the stream throw, with nothing left behind', async () => {
    const rows = 'INSERT INTO big SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 60000) n';
    await using _database = await fresh('big', 'CREATE TABLE big (n int, t text)', rows);
    for (const format of ['custom', 'plain'] as const) {
      const source = new PostgresSource(options({ databases: ['big'], format, roles: false }));
      const [, dump] = await listPull(source, host);
      assert.ok(dump !== undefined);
      let bytes = 0;
      const error = await failure(
        (async () => {
          for await (const piece of dump.open()) {
            if (bytes === 0) await sql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'big'");
            bytes += piece.byteLength;
          }
        })(),
      );
      assert.equal(error.code, 'source-incomplete', error.message);
      assert.ok(bytes > 0);
    }
    assert.deepEqual(leftovers(), []);
  });

  test('leaving a dump early, or aborting it, ends the program and removes the private files', async () => {
    await using _database = await fresh('early', 'CREATE TABLE t AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 40000) n');
    const [, dump] = await listPull(new PostgresSource(options({ databases: ['early'], roles: false })), host);
    assert.ok(dump !== undefined);
    for await (const _ of dump.open()) break;
    const aborted = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _ of dump.open({ signal: aborted.signal })) aborted.abort(new Error('enough'));
      },
      { message: 'enough' },
    );
    assert.deepEqual(leftovers(), []);
    const busy = await sql('postgres', "SELECT 1 FROM pg_stat_activity WHERE datname = 'early'");
    assert.deepEqual(busy[0]?.rows, []);
  });

  test('F64 an error in the middle of a restore is a failure that leaves nothing', async () => {
    await using _database = await fresh('broken', 'CREATE TABLE t AS SELECT 1 AS a');
    const source = new PostgresSource(options({ databases: ['broken'], format: 'plain', roles: false }));
    const contents = await pullAll(source, host);
    const dump = contents.get('databases/broken.sql')?.toString() ?? '';
    const spoilt = new Map(contents).set('databases/broken.sql', Buffer.from(dump.replace('COPY public.t', 'COPY public.missing')));
    const error = await failure(source.push(host, asEntries(spoilt), { rename: { broken: 'never' } }));
    assert.equal(error.code, 'target-unwritable', error.message);
    const left = await sql('postgres', "SELECT datname FROM pg_database WHERE datname LIKE 'holdfast%' OR datname = 'never'");
    assert.deepEqual(left[0]?.rows, []);
  });

  test('F5 a program that is older than the server makes no dump', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-old-tools-'));
    try {
      writeFileSync(join(folder, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.2.24"\n', { mode: 0o755 });
      symlinkSync(runProgram('sh', ['-c', 'command -v psql']).trim(), join(folder, 'psql'));
      const source = new PostgresSource(options({ toolFolder: folder }));
      assert.equal((await failure(listPull(source, host))).code, 'tool-too-old');
      assert.deepEqual(
        (await source.probe(host)).problems.filter(({ blocking }) => blocking).map(({ code }) => code),
        ['tool-too-old'],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('F63 programs of version 17 and later restore to an older server, which does not know one of their settings', async () => {
    const setting = 'SET transaction_timeout = 0;';
    const complaint = 'could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"';
    await using _database = await fresh('newer', 'CREATE TABLE t AS SELECT generate_series(1, 100) AS a');
    const wanted = fullDump('newer');
    const plain = new PostgresSource(options({ databases: ['newer'], format: 'plain', roles: false }));
    const contents = await pullAll(plain, host);
    const sqlText = contents.get('databases/newer.sql')?.toString().replace('SET statement_timeout = 0;', `$&\n${setting}`) ?? '';
    assert.ok(sqlText.includes(setting));
    const report = await plain.push(host, asEntries(new Map(contents).set('databases/newer.sql', Buffer.from(sqlText))), {
      existing: 'replace',
    });
    assert.match(report.notes.join(), /transaction_timeout/);
    assert.equal(fullDump('newer'), wanted);
    // As the newer pg_restore behaves: the setting comes first, and without --exit-on-error it goes on and ends with 1.
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-newer-tools-'));
    try {
      for (const tool of ['psql', 'pg_dump']) symlinkSync(runProgram('sh', ['-c', `command -v ${tool}`]).trim(), join(folder, tool));
      const restore = (more: string): void => {
        const script = `#!/bin/sh
case " $* " in *" --exit-on-error "*) echo 'pg_restore: error: ${complaint}' >&2; exit 1;; esac
pg_restore "$@" || exit
echo 'pg_restore: error: ${complaint}' >&2
${more}
exit 1
`;
        writeFileSync(join(folder, 'pg_restore'), script, { mode: 0o755 });
      };
      const custom = new PostgresSource(options({ databases: ['newer'], roles: false, toolFolder: folder }));
      const archive = await pullAll(custom, host);
      restore("echo 'pg_restore: warning: errors ignored on restore: 1' >&2");
      await custom.push(host, asEntries(archive), { existing: 'replace' });
      assert.equal(fullDump('newer'), wanted);
      restore("echo 'pg_restore: error: another' >&2; echo 'pg_restore: warning: errors ignored on restore: 2' >&2");
      assert.equal((await failure(custom.push(host, asEntries(archive), { existing: 'replace' }))).code, 'target-unwritable');
      assert.equal(fullDump('newer'), wanted);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('the password is in no process list and no environment while a dump runs', async () => {
    await using _database = await fresh('seen', 'CREATE TABLE t AS SELECT repeat(md5(n::text), 30) FROM generate_series(1, 40000) n');
    const [, dump] = await listPull(new PostgresSource(options({ databases: ['seen'], roles: false })), host);
    assert.ok(dump !== undefined);
    const secret = decodeURIComponent(url.password);
    let looked = 0;
    for await (const _ of dump.open()) {
      if (looked > 0) continue;
      for (const file of globSync('/proc/[0-9]*/{cmdline,environ}')) {
        const text = readQuietly(file);
        if (text.includes('pg_dump')) looked += 1;
        assert.ok(!text.includes(secret), `${file} has the password`);
      }
    }
    assert.ok(looked > 0, 'pg_dump was not seen');
  });

  test('explain shows the commands and nothing secret', () => {
    const { pull, push } = new PostgresSource(options({ databases: ["it's"] })).explain(host);
    const lines = [...pull, ...push].flatMap(({ steps }) => steps.map(({ line }) => line)).join('\n');
    assert.match(lines, /pg_dump/);
    assert.match(lines, /pg_restore/);
    assert.ok(!lines.includes(decodeURIComponent(url.password)));
  });
});

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // it has ended meanwhile
  }
}
