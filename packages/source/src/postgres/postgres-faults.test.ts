import assert from 'node:assert/strict';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { LocalHost } from '@holdfast/connect/local';
import type { Host } from '@holdfast/connect/port';
import { Secret } from '@holdfast/kernel';
import pg from 'pg';
import { startPostgres } from '../../../../test/services/postgres-server.ts';
import { hasProgram, runProgram } from '../../../../test/services/run-program.ts';
import { failure } from '../../../../test/support/failure.ts';
import { whyNoPostgres } from '../../../../test/support/postgres.ts';
import { asEntries, collect, listPull, pullAll } from '../../../../test/support/source-streams.ts';
import { forwardSocket } from '../forwarded-socket.ts';
import { PostgresOptions, PostgresSource } from './index.ts';

await suite('PostgreSQL: encryption, other ways, many at once, a crash', { skip: whyNoPostgres() }, async () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let url: URL;
  let folder: string;
  const host = new LocalHost();

  before(async () => {
    server = await startPostgres();
    url = new URL(server.url);
    folder = mkdtempSync(join(tmpdir(), 'holdfast-postgres-faults-'));
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await server[Symbol.asyncDispose]();
  });

  function options(more: Record<string, unknown> = {}): PostgresOptions {
    const password = new Secret(decodeURIComponent(url.password));
    return PostgresOptions.parse({ host: url.hostname, port: Number(url.port), user: url.username, password, ...more });
  }

  async function sql(database: string, ...statements: string[]): Promise<pg.QueryResult[]> {
    const at = { host: url.hostname, port: Number(url.port), user: url.username, password: decodeURIComponent(url.password) };
    const client = new pg.Client({ ...at, database });
    await client.connect();
    try {
      const results: pg.QueryResult[] = [];
      for (const statement of statements) results.push(await client.query(statement));
      return results;
    } finally {
      await client.end();
    }
  }

  function makeCertificate(name: string): string {
    const file = join(folder, name);
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    runProgram('openssl', [
      ...request,
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      `${file}.key`,
      '-out',
      `${file}.crt`,
    ]);
    return readFileSync(`${file}.crt`, 'utf8');
  }

  test('F77 verified encryption: the right authority, another one, another name, no encryption at all', {
    skip: !hasProgram('openssl'),
  }, async () => {
    const list = async (more: Record<string, unknown>): Promise<unknown> => await listPull(new PostgresSource(options(more)), host);
    const bare = await failure(list({ host: 'localhost', tls: 'verified', tlsAuthority: makeCertificate('any') }));
    assert.equal(bare.code, 'source-untrusted', bare.message);
    const authority = makeCertificate('server');
    const [setting] = await sql('postgres', 'SHOW data_directory');
    const data = String(setting?.rows[0]?.data_directory);
    const owner = statSync(data);
    for (const end of ['key', 'crt']) {
      writeFileSync(join(data, `server.${end}`), readFileSync(join(folder, `server.${end}`)), { mode: 0o600 });
      chownSync(join(data, `server.${end}`), owner.uid, owner.gid);
    }
    await sql('postgres', 'ALTER SYSTEM SET ssl = on', 'SELECT pg_reload_conf()');
    for (let tries = 0; tries < 100 && (await sql('postgres', 'SHOW ssl'))[0]?.rows[0]?.ssl !== 'on'; tries += 1);
    await list({ host: 'localhost', tls: 'verified', tlsAuthority: authority });
    const other = await failure(list({ host: 'localhost', tls: 'verified', tlsAuthority: makeCertificate('other') }));
    assert.equal(other.code, 'source-untrusted', other.message);
    const name = await failure(list({ host: '127.0.0.1', tls: 'verified', tlsAuthority: authority }));
    assert.equal(name.code, 'source-untrusted', name.message);
    const { problems } = await new PostgresSource(options({ tls: 'unverified' })).probe(host);
    assert.ok(problems.some(({ code, blocking }) => code === 'source-untrusted' && !blocking));
  });

  test('the programs of this machine reach a server that only the far side reaches', async () => {
    await sql('postgres', 'CREATE DATABASE behind');
    await sql('behind', 'CREATE TABLE t AS SELECT generate_series(1, 1000) AS a');
    await using forwarded = await forwardSocket(host, { host: url.hostname, port: Number(url.port) }, '.s.PGSQL.5432');
    const source = new PostgresSource(options({ host: forwarded.folder, port: 5432, databases: ['behind'] }));
    const contents = await pullAll(source, host);
    await sql('postgres', 'DROP DATABASE behind');
    await source.push(host, asEntries(contents));
    assert.equal((await sql('behind', 'SELECT count(*)::int AS n FROM t'))[0]?.rows[0]?.n, 1000);
  });

  test('several databases side by side, and never more than were allowed', async () => {
    const names = Array.from({ length: 6 }, (_, at) => `many_${at}`);
    for (const name of names) await sql('postgres', `CREATE DATABASE ${name}`);
    let most = 0;
    let running = 0;
    const watching = hostWith(
      () => {
        running += 1;
        most = Math.max(most, running);
      },
      () => {
        running -= 1;
      },
    );
    const source = new PostgresSource(options({ databases: names, roles: false, concurrency: 2 }));
    const entries = await listPull(source, watching);
    const sizes = await Promise.all(entries.map(async (entry) => (await collect(entry.open())).byteLength));
    assert.ok(sizes.every((size) => size > 0));
    assert.equal(most, 2);
  });

  /** This machine, telling of each pg_dump that begins and ends. */
  function hostWith(begun: () => void, ended: () => void): Host {
    return {
      description: host.description,
      dial: host.dial.bind(host),
      explain: host.explain.bind(host),
      [Symbol.asyncDispose]: host[Symbol.asyncDispose].bind(host),
      async exec(command, call) {
        const process_ = await host.exec(command, call);
        if (command.argv[0] === 'pg_dump' && !command.argv.includes('--version')) {
          begun();
          void process_.exit.finally(ended).catch(() => undefined);
        }
        return process_;
      },
    };
  }

  test('F3 a server that crashes in mid-dump makes the stream throw, and the next pull succeeds', async () => {
    await sql('postgres', 'CREATE DATABASE crash');
    await sql('crash', 'CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS x FROM generate_series(1, 60000) n');
    const source = new PostgresSource(options({ databases: ['crash'], roles: false, format: 'plain' }));
    const [, dump] = await listPull(source, host);
    assert.ok(dump !== undefined);
    let bytes = 0;
    const error = await failure(
      (async () => {
        for await (const piece of dump.open()) {
          if (bytes === 0) {
            const [found] = await sql('postgres', "SELECT pid FROM pg_stat_activity WHERE datname = 'crash'");
            process.kill(Number(found?.rows[0]?.pid), 'SIGKILL');
          }
          bytes += piece.byteLength;
        }
      })(),
    );
    assert.equal(error.code, 'source-incomplete', error.message);
    for (let tries = 0; tries < 100; tries += 1) {
      const isUp = await sql('postgres', 'SELECT 1').then(
        () => true,
        () => false,
      );
      if (isUp) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const contents = await pullAll(source, host);
    assert.ok((contents.get('databases/crash.sql')?.byteLength ?? 0) > 50_000_000);
  });
});
