import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import { Secret } from '@holdfast/kernel';
import { type MariadbServer, startMariadb, whyNoMariadb } from '../../../../test/services/mariadb.ts';
import { runProgram } from '../../../../test/services/run-program.ts';
import { assertCutsAreNoticed } from '../../../../test/support/cut-short.ts';
import { failure } from '../../../../test/support/failure.ts';
import { useOwnTemporaryDirectory } from '../../../../test/support/own-temporary-directory.ts';
import { asEntries, collect, listPull, pullAll } from '../../../../test/support/source-streams.ts';
import { MysqlOptions, MysqlSource } from './index.ts';
import { verifyMysqlDump } from './verify-mysql-dump.ts';

const hostileNames = [
  'MixedCase',
  'with "quotes"',
  "it's",
  'two words',
  'smørrebrød ☃',
  '-rf',
  '-- ; drop table x',
  'a/b',
  '$(touch hacked)',
  'back`tick',
  '..',
  'a=b',
];
const special = [
  "SET SESSION sql_mode = ''",
  'CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, `odd ``name``` VARCHAR(50), big LONGBLOB, day DATE, noted DATETIME) ENGINE=InnoDB',
  "INSERT INTO parent (`odd ``name```, big, day, noted) VALUES ('four bytes 𝛑 😀', X'00FF0A0D27225C1A', '0000-00-00', '0000-00-00 00:00:00')",
  "INSERT INTO parent (`odd ``name```, day) SELECT CONCAT('row ', seq), '2026-02-28' FROM seq_1_to_500",
  'CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id)) ENGINE=InnoDB',
  'INSERT INTO child VALUES (1, 1)',
  'CREATE VIEW seen AS SELECT id, `odd ``name``` FROM parent',
  'CREATE PROCEDURE twice(IN a INT) BEGIN SELECT a * 2; -- Dump completed\nEND',
  'CREATE FUNCTION one() RETURNS INT DETERMINISTIC RETURN 1',
  "CREATE TRIGGER noting BEFORE INSERT ON parent FOR EACH ROW SET NEW.noted = COALESCE(NEW.noted, '2026-01-01')",
  'CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM child',
];

useOwnTemporaryDirectory();

await suite('MySQL and MariaDB', { skip: whyNoMariadb() }, async () => {
  let server: MariadbServer;
  const host = new LocalHost();

  before(async () => {
    server = await startMariadb();
  });
  after(async () => await server[Symbol.asyncDispose]());

  function options(more: Record<string, unknown> = {}): MysqlOptions {
    return MysqlOptions.parse({ host: server.socket, user: 'root', password: new Secret(server.password), ...more });
  }

  function quoted(name: string): string {
    return `\`${name.replaceAll('`', '``')}\``;
  }

  function drop(...names: string[]): void {
    for (const name of names) server.sql(`DROP DATABASE IF EXISTS ${quoted(name)}`);
  }

  function fresh(name: string, ...statements: string[]): Disposable {
    drop(name);
    server.sql(`CREATE DATABASE ${quoted(name)} CHARACTER SET latin1 COLLATE latin1_swedish_ci`);
    // Bodies of routines hold semicolons.
    if (statements.length > 0) server.sql(`DELIMITER //\n${statements.join('//\n')}//\n`, name);
    return { [Symbol.dispose]: () => drop(name) };
  }

  function fullDump(name: string): string {
    const options_ = join(server.socket, '../root.cnf');
    const words = [
      `--defaults-file=${options_}`,
      '--routines',
      '--events',
      '--triggers',
      '--hex-blob',
      '--skip-dump-date',
      '--skip-comments',
      '--',
      name,
    ];
    const create = server
      .sql(`SHOW CREATE DATABASE ${quoted(name)}`)
      .split('\t')[1]
      ?.replace(quoted(name), '');
    return `${create}\n${runProgram('mariadb-dump', words)}`;
  }

  function leftovers(): string[] {
    return globSync('holdfast-private.*', { cwd: process.env['TMPDIR'] ?? tmpdir() });
  }

  test('dump, drop, restore, compare: zero dates, four-byte texts, blobs, views, triggers, routines, events', async () => {
    using _database = fresh('Round Trip', ...special);
    const source = new MysqlSource(options({ databases: ['Round Trip'] }));
    const wanted = fullDump('Round Trip');
    const contents = await pullAll(source, host);
    assert.deepEqual(Array.from(contents.keys()), ['about.json', 'databases/Round Trip.sql']);
    drop('Round Trip');
    await source.push(host, asEntries(contents));
    assert.equal(fullDump('Round Trip'), wanted);
    const other = await source.push(host, asEntries(contents), { rename: { 'Round Trip': 'Other' } });
    assert.deepEqual(other.restored, [{ path: 'databases/Round Trip.sql', as: 'Other' }]);
    assert.equal(fullDump('Other'), wanted);
    drop('Other');
  });

  test('two pulls of what did not change are the same bytes', async () => {
    using _database = fresh('same', ...special);
    const source = new MysqlSource(options({ databases: ['same'] }));
    assert.deepEqual(await pullAll(source, host), await pullAll(source, host));
  });

  test('F60 an existing database is refused, and replaced only after a whole restore beside it', async () => {
    using _database = fresh('kept', 'CREATE TABLE t AS SELECT 1 AS a');
    const source = new MysqlSource(options({ databases: ['kept'] }));
    const contents = await pullAll(source, host);
    server.sql('INSERT INTO kept.t VALUES (2)');
    assert.equal((await failure(source.push(host, asEntries(contents)))).code, 'target-occupied');
    const dump = contents.get('databases/kept.sql') ?? Buffer.alloc(0);
    const cut = new Map(contents).set('databases/kept.sql', dump.subarray(0, dump.lastIndexOf('\n-- Dump completed') + 1));
    assert.equal((await failure(source.push(host, asEntries(cut), { existing: 'replace' }))).code, 'source-incomplete');
    const spoilt = new Map(contents).set('databases/kept.sql', Buffer.from(dump.toString().replace('INSERT INTO', 'INSERT INTO missing.')));
    assert.equal((await failure(source.push(host, asEntries(spoilt), { existing: 'replace' }))).code, 'target-unwritable');
    assert.equal(server.sql('SELECT COUNT(*) FROM kept.t').trim(), '2');
    await source.push(host, asEntries(contents), { existing: 'replace' });
    assert.equal(server.sql('SELECT COUNT(*) FROM kept.t').trim(), '1');
    assert.equal(server.sql("SHOW DATABASES LIKE 'holdfast%'").trim(), '');
  });

  test('hostile names of databases execute nothing and arrive', async () => {
    using stack = new DisposableStack();
    for (const name of hostileNames) stack.use(fresh(name, 'CREATE TABLE t AS SELECT 1 AS a'));
    const source = new MysqlSource(options({ databases: hostileNames }));
    const contents = await pullAll(source, host);
    const wanted = hostileNames.map((name) => fullDump(name));
    drop(...hostileNames);
    const { restored } = await source.push(host, asEntries(contents));
    assert.deepEqual(restored.map(({ as }) => as).sort(), Array.from(hostileNames).sort());
    assert.deepEqual(
      hostileNames.map((name) => fullDump(name)),
      wanted,
    );
    assert.ok(!existsSync('hacked'));
  });

  test('all takes new databases by itself and none of the server; an empty one as well', async () => {
    using _one = fresh('one');
    using _two = fresh('two');
    const source = new MysqlSource(options({ excludeDatabases: ['two'] }));
    const contents = await pullAll(source, host);
    assert.deepEqual(Array.from(contents.keys()), ['about.json', 'databases/one.sql']);
    drop('one');
    await source.push(host, asEntries(contents));
    assert.match(server.sql('SHOW CREATE DATABASE one'), /latin1/);
  });

  test('F65 no beginning of a dump passes for the whole', async () => {
    using _database = fresh('cut', ...special);
    const contents = await pullAll(new MysqlSource(options({ databases: ['cut'] })), host);
    await assertCutsAreNoticed(contents.get('databases/cut.sql') ?? Buffer.alloc(0), (bytes) => verifyMysqlDump(bytes, 'The dump'));
  });

  test('F1 F6 wrong password, host, database, missing tool: the right code and no bytes', async () => {
    using _database = fresh('one');
    const cases = {
      'source-denied': { password: new Secret('wrong') },
      'source-unreachable': { host: '127.0.0.1', port: 1 },
      'source-not-found': { databases: ['one', 'nowhere'] },
      'tool-missing': { toolFolder: '/nowhere/bin' },
    };
    for (const [code, more] of Object.entries(cases)) {
      const error = await failure(listPull(new MysqlSource(options(more)), host));
      assert.equal(error.code, code, error.message);
      assert.ok((error.hint ?? '') !== '' && !error.message.includes(server.password));
    }
    drop('one');
    assert.equal((await failure(listPull(new MysqlSource(options()), host))).code, 'source-not-found');
    assert.deepEqual(leftovers(), []);
  });

  test('F77 a server that cannot prove its name gets no password, unless that was chosen', async () => {
    const error = await failure(listPull(new MysqlSource(options({ host: '127.0.0.1', port: server.port, tls: 'verified' })), host));
    assert.equal(error.code, 'source-untrusted', error.message);
  });

  test('an account that lacks a right gets no dump, and the reason', async () => {
    using _database = fresh('locked', 'CREATE TABLE t AS SELECT 1 AS a', 'CREATE VIEW v AS SELECT a FROM t');
    server.sql("CREATE OR REPLACE USER reader@localhost IDENTIFIED BY 'r'; GRANT SELECT ON locked.t TO reader@localhost");
    const source = new MysqlSource(options({ user: 'reader', password: new Secret('r'), databases: ['locked'] }));
    const [, dump] = await listPull(source, host);
    assert.ok(dump !== undefined);
    const error = await failure(collect(dump.open()));
    // Where some of the dump has come already the code is that of a dump that was cut short; the hint tells of the right either way.
    assert.ok(error.code === 'source-denied' || error.code === 'source-incomplete', error.message);
    assert.match(error.hint ?? '', /rights/);
    server.sql(
      'GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON locked.* TO reader@localhost; GRANT SELECT ON mysql.proc TO reader@localhost',
    );
    assert.ok((await collect(dump.open())).byteLength > 0);
  });

  test('a password with every sign arrives', async () => {
    using _database = fresh('one');
    const password = ' a"b\'c\\d#e;f=g %$`\\n ü ';
    server.sql(
      `CREATE OR REPLACE USER odd@localhost IDENTIFIED BY '${password.replaceAll(/[\\']/g, '\\$&')}'; GRANT ALL ON *.* TO odd@localhost`,
    );
    const contents = await pullAll(new MysqlSource(options({ user: 'odd', password: new Secret(password) })), host);
    assert.ok(contents.has('databases/one.sql'));
  });

  test('F3 a connection that is killed in mid-dump makes the stream throw, with nothing left behind', async () => {
    using _database = fresh('big', 'CREATE TABLE t AS SELECT seq, REPEAT(MD5(seq), 30) AS text FROM seq_1_to_60000');
    const [, dump] = await listPull(new MysqlSource(options({ databases: ['big'] })), host);
    assert.ok(dump !== undefined);
    let bytes = 0;
    const reading = async (): Promise<void> => {
      for await (const piece of dump.open()) {
        if (bytes === 0) {
          const ids = server.sql("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = 'big'").trim().split('\n');
          for (const id of ids) server.sql(`KILL ${id}`);
        }
        bytes += piece.byteLength;
      }
    };
    const error = await failure(reading());
    assert.equal(error.code, 'source-incomplete', error.message);
    assert.ok(bytes > 0);
    assert.deepEqual(leftovers(), []);
  });

  test('F5 a program that is older than the server makes no dump', async () => {
    using _database = fresh('one');
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-old-tools-'));
    try {
      writeFileSync(join(folder, 'mariadb-dump'), '#!/bin/sh\necho "mariadb-dump  Ver 10.19 Distrib 10.1.48-MariaDB"\n', { mode: 0o755 });
      symlinkSync(runProgram('sh', ['-c', 'command -v mariadb']).trim(), join(folder, 'mariadb'));
      assert.equal((await failure(listPull(new MysqlSource(options({ toolFolder: folder })), host))).code, 'tool-too-old');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('tables that take no part in transactions are told of', async () => {
    using _database = fresh('unsteady', 'CREATE TABLE t (a INT) ENGINE=MyISAM');
    const { problems } = await new MysqlSource(options()).probe(host);
    assert.deepEqual(
      problems.map(({ code, blocking }) => [code, blocking]),
      [['source-incomplete', false]],
    );
  });

  test('the password is in no process list and no environment while a dump runs', async () => {
    using _database = fresh('seen', 'CREATE TABLE t AS SELECT seq, REPEAT(MD5(seq), 30) AS text FROM seq_1_to_40000');
    const [, dump] = await listPull(new MysqlSource(options({ databases: ['seen'] })), host);
    assert.ok(dump !== undefined);
    let looked = 0;
    for await (const _ of dump.open()) {
      if (looked > 0) continue;
      for (const file of globSync('/proc/[0-9]*/{cmdline,environ}')) {
        const text = readQuietly(file);
        if (text.includes('mariadb-dump')) looked += 1;
        assert.ok(!text.includes(server.password), `${file} has the password`);
      }
    }
    assert.ok(looked > 0, 'mariadb-dump was not seen');
  });

  // The last one: the server is gone afterwards.
  test('F3 a server that is killed in mid-dump makes the stream throw, and the next pull says that it is gone', async () => {
    fresh('killed', 'CREATE TABLE t AS SELECT seq, REPEAT(MD5(seq), 30) AS text FROM seq_1_to_60000');
    const source = new MysqlSource(options({ databases: ['killed'] }));
    const [, dump] = await listPull(source, host);
    assert.ok(dump !== undefined);
    let bytes = 0;
    const reading = async (): Promise<void> => {
      for await (const piece of dump.open()) {
        if (bytes === 0) process.kill(server.pid, 'SIGKILL');
        bytes += piece.byteLength;
      }
    };
    const error = await failure(reading());
    assert.equal(error.code, 'source-incomplete', error.message);
    assert.ok(bytes > 0);
    const gone = await failure(listPull(source, host));
    assert.deepEqual([gone.code, gone.retry], ['source-unreachable', 'temporary']);
    assert.deepEqual(leftovers(), []);
  });
});

function readQuietly(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return ''; // it has ended meanwhile
  }
}
