import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { Source } from '@holdfast/contract';
import pg from 'pg';
import { whyNoDocker } from './services/dockerd.ts';
import { findPostgres, startPostgres } from './services/postgres-server.ts';
import { whyNoSshd } from './services/sshd.ts';
import { ChainedManager, triedChains } from './support/chained-manager.ts';
import { whyNoPostgres } from './support/postgres.ts';
import { useOwnTemporaryFolder } from './support/ssh-chain.ts';

useOwnTemporaryFolder();

await suite('databases through chains, by the API of the web page', { skip: whyNoDocker() ?? whyNoSshd() ?? whyNoPostgres() }, async () => {
  let manager: ChainedManager;
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let url: URL;

  before(async () => {
    [manager, database] = await Promise.all([ChainedManager.start(), startPostgres()]);
    url = new URL(database.url);
  });
  after(async () => {
    await manager[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  function postgres(...databases: string[]): Source {
    return {
      driver: 'postgres',
      host: url.hostname,
      port: Number(url.port),
      user: url.username,
      toolFolder: String(findPostgres()),
      databases,
      excludeDatabases: [],
      roles: false,
      format: 'custom',
      maintenanceDatabase: 'postgres',
      concurrency: 2,
    };
  }

  const secret = (): string => decodeURIComponent(url.password);

  async function sql(name: string, statement: string): Promise<pg.QueryResult> {
    const at = { host: url.hostname, port: Number(url.port), user: url.username, password: secret() };
    const connection = new pg.Client({ ...at, database: name });
    await connection.connect();
    try {
      return await connection.query(statement);
    } finally {
      await connection.end();
    }
  }

  /** Everything in a database, as text without what differs by itself. */
  function wholeDump(name: string): string {
    const program = join(String(findPostgres()), 'pg_dump');
    const place = ['-h', url.hostname, '-p', url.port, '-U', url.username];
    const text = execFileSync(program, [...place, name], { env: { PGPASSWORD: secret() }, encoding: 'utf8', maxBuffer: 1 << 26 });
    return text.replaceAll(/^\\(un)?restrict .*$/gm, '');
  }

  for (const chain of triedChains) {
    const way = `local → ${chain.join(' → ')}`;

    test(`${way}: PostgreSQL is backed up, dropped, restored, and equal`, async () => {
      const name = `db "${chain.join()}"`;
      await sql('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
      await sql(
        name,
        'CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS x FROM generate_series(1, 3000) n; CREATE VIEW v AS SELECT n FROM t',
      );
      const before = wholeDump(name);
      const looked = await manager.client.backups.probe({ chain: manager.idsOf(chain), source: postgres(name), sourcePassword: secret() });
      assert.match(String(looked.server), /^PostgreSQL /);
      assert.equal(looked.contents.find((each) => each.name === name)?.selected, true);
      const backup = await manager.define(`Database ${way}`, chain, postgres(name), { password: secret() });
      assert.ok(backup.hasSourcePassword && !JSON.stringify(backup).includes(secret()));
      await manager.succeeded(await manager.run(backup));
      await sql('postgres', `DROP DATABASE "${name.replaceAll('"', '""')}"`);
      const storedSnapshotId = await manager.newestSnapshot(backup.id);
      const pushed = await manager.succeeded((await manager.client.runs.startPush({ storedSnapshotId })).id);
      assert.ok(pushed.report?.kind === 'push');
      assert.deepEqual(
        pushed.report.restored.map(({ as }) => as),
        [name],
      );
      assert.equal(wholeDump(name), before);
      manager.nothingLeft(secret());
      if (chain.length < 3 || chain[1] !== 'box') return;
      const refused = await manager.follow((await manager.client.runs.startPush({ storedSnapshotId })).id);
      assert.deepEqual([refused.outcome, refused.error?.code], ['failed', 'target-occupied']);
      await manager.succeeded((await manager.client.runs.startPush({ storedSnapshotId, rename: { [name]: `copy ${chain.join()}` } })).id);
      assert.equal(wholeDump(`copy ${chain.join()}`), before);
      const explained = await manager.client.backups.explain({ id: backup.id });
      assert.ok(explained.backup.length > 0 && explained.restore.length > 0);
      assert.ok(!JSON.stringify(explained).includes(secret()));
      manager.nothingLeft(secret());
    });
  }

  test('F79 nothing that was given as a secret is in any answer, any log, or the process list', async () => {
    const everything = JSON.stringify([
      await manager.client.connections.list(),
      await manager.client.backups.list(),
      await manager.client.overview.audit({ limit: 200 }),
      manager.server.log,
    ]);
    for (const text of [secret(), ...manager.secrets])
      assert.ok(!everything.includes(text) && !everything.includes(JSON.stringify(text).slice(1, -1)));
  });
});
