import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { type ApiClient, type Backup, type ConnectionOptions, RetentionPolicy, type RunDetails, type Source } from '@holdfast/contract';
import pg from 'pg';
import { type DockerEngine, startDockerd, whyNoDocker } from './services/dockerd.ts';
import { findPostgres, startPostgres } from './services/postgres-server.ts';
import { SshServer, whyNoSshd } from './services/sshd.ts';
import { compareTrees, showDifferences } from './support/compare-trees.ts';
import { makeHostedImage } from './support/hosted-image.ts';
import { type HttpServer, password, startHttpServer } from './support/http-server.ts';
import { whyNoPostgres } from './support/postgres.ts';
import { privateDirectories, processesWith, useOwnTemporaryFolder } from './support/ssh-chain.ts';
import { makeTortureTree } from './support/torture-tree.ts';

useOwnTemporaryFolder();

/** Chains by the names of their connections. */
const chains = [['one'], ['one', 'two', 'three'], ['box'], ['one', 'box'], ['one', 'box', 'two']] as const;

await suite('backups through chains, by the API of the web page', { skip: whyNoDocker() ?? whyNoSshd() ?? whyNoPostgres() }, async () => {
  const root = mkdtempSync('/tmp/hc-');
  const source = join(root, 'source');
  const ids = new Map<string, string>();
  let hops: SshServer[];
  let engine: DockerEngine;
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let url: URL;
  let server: HttpServer;
  let client: ApiClient;
  let storageServerId: string;

  before(async () => {
    hops = await Promise.all([SshServer.start(), SshServer.start(), SshServer.start()]);
    [engine, database, server] = await Promise.all([startDockerd(), startPostgres(), startHttpServer()]);
    url = new URL(database.url);
    const hosted = makeHostedImage(engine);
    const options = [...hosted, '--volume', `${root}:${root}`, '--network', 'host', '--detach', '--name', 'box'];
    engine.docker(['run', ...options, 'hosted', 'sleep', '100000']);
    await makeTortureTree(source, { sparseBytes: 2 << 20, wideEntries: 50 });
    // Below the directory that is restored into, the deepest path would be too long.
    rmSync(join(source, 'deep'), { recursive: true });
    client = server.client();
    await client.account.setUp({ name: 'Ada', email: 'ada@example.org', password });
    const storage = await client.storageServers.create({
      name: 'Disk',
      options: { driver: 'local', path: join(server.folder, 'storage') },
    });
    storageServerId = storage.id;
    for (const [index, name] of ['one', 'two', 'three'].entries()) await keepSsh(name, hops[index]);
    const box: ConnectionOptions = {
      kind: 'docker',
      container: { by: 'name', name: 'box' },
      program: 'docker',
      engine: { at: 'socket', path: engine.socket },
    };
    ids.set('box', (await client.connections.create({ name: 'box', options: box })).id);
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await engine[Symbol.asyncDispose]();
    for (const hop of hops) await hop[Symbol.asyncDispose]();
    rmSync(root, { recursive: true, force: true });
  });

  function sshOptions({ port, user }: SshServer, hostKeys: string[]): ConnectionOptions {
    return { kind: 'ssh', host: '127.0.0.1', port, user, hostKeys, certificate: null, agentSocket: null };
  }

  /** As a person does it: tries, compares the key that is shown, pins it. */
  async function keepSsh(name: string, hop: SshServer | undefined): Promise<void> {
    assert.ok(hop !== undefined);
    const secrets = { privateKey: hop.clientKey };
    const { failed } = await client.connections.test({ chain: [], candidate: { options: sshOptions(hop, []), secrets } });
    assert.equal(failed?.code, 'host-key-unknown');
    const shown = String(failed?.shownKey);
    assert.equal(shown, hop.hostKey.split(' ').slice(0, 2).join(' '));
    const connection = await client.connections.create({ name, options: sshOptions(hop, [shown]), secrets });
    assert.deepEqual(connection.secrets, ['privateKey']);
    ids.set(name, connection.id);
  }

  function idsOf(chain: readonly string[]): string[] {
    return chain.map((name) => ids.get(name) ?? '');
  }

  async function define(name: string, chain: readonly string[], what: Source, sourcePassword?: string): Promise<Backup> {
    const config = {
      name,
      chain: idsOf(chain),
      source: what,
      storageServerIds: [storageServerId],
      schedule: null,
      timeZone: 'UTC',
      retention: RetentionPolicy.parse({}),
      retries: { times: 0, pauseMinutes: 1 },
    };
    return await client.backups.create({ config, sourcePassword });
  }

  async function follow(id: string): Promise<RunDetails> {
    for await (const _ of await client.runs.events({ id }));
    return await client.runs.get({ id });
  }

  async function succeeded(id: string): Promise<RunDetails> {
    const run = await follow(id);
    assert.equal(run.outcome, 'succeeded', JSON.stringify({ ...run, config: undefined }));
    return run;
  }

  async function newestSnapshot(backupId: string): Promise<string> {
    const { items } = await client.snapshots.list({ backupId });
    return String(items[0]?.id);
  }

  function files(paths: string[]): Source {
    return { driver: 'files', paths, excludes: [], excludeCaches: false, oneFileSystem: false, excludeLargerThanBytes: null };
  }

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

  /** What no run may leave: files of ours on any host of the chain, or a process that carries a secret or is ours. */
  function nothingLeft(): void {
    assert.deepEqual(privateDirectories(), []);
    assert.deepEqual(processesWith([secret(), ...hops.map(({ clientKey }) => clientKey.split('\n')[2] ?? '-')]), []);
    const places = ['/tmp', '/root', '/run', '/var', '-mindepth', '1', '-path', root, '-prune', '-o', '-print'];
    const inContainer = engine.docker(['exec', 'box', 'find', ...places]).split('\n');
    assert.deepEqual(
      inContainer.filter((path) => path !== '' && path !== '/var/lib'),
      [],
    );
    assert.equal(
      engine.docker(['top', 'box', '-eo', 'pid,args']).trim().split('\n').length,
      2,
      'only what the container was started for runs',
    );
  }

  for (const chain of chains) {
    const way = `local → ${chain.join(' → ')}`;

    test(`${way}: files are backed up and restored to an equal tree`, async () => {
      const tried = await client.connections.test({ chain: idsOf(chain) });
      assert.deepEqual([tried.works, tried.links.length], [true, chain.length], JSON.stringify(tried));
      const backup = await define(`Files ${way}`, chain, files([source]));
      const first = await succeeded((await client.backups.run({ id: backup.id })).id);
      const second = await succeeded((await client.backups.run({ id: backup.id })).id);
      assert.ok(first.report?.kind === 'backup' && second.report?.kind === 'backup');
      assert.deepEqual([second.report.filesNew, second.report.filesChanged], [0, 0], 'nothing travels that is there');
      assert.equal(second.report.filesUnmodified, first.report.filesNew);
      const target = join(root, `restored ${chain.join()}`);
      const asked = { storedSnapshotId: await newestSnapshot(backup.id), chain: idsOf(chain), target };
      const restored = await succeeded((await client.runs.startRestore(asked)).id);
      assert.ok(restored.report?.kind === 'restore');
      assert.deepEqual([restored.report.verified, restored.report.filesKept], [true, 0]);
      const differences = compareTrees(Buffer.from(source), Buffer.from(join(target, source)), { ignore: ['atime', 'attributes'] }).filter(
        // A link that is another name of a link is no entry that tar has.
        ({ path }) => !/^links\/(relative|hard link to a link)/.test(path.toString()),
      );
      assert.equal(showDifferences(differences), '');
      rmSync(target, { recursive: true });
      if (chain.length === 1) {
        const planned = await succeeded((await client.runs.startRestore({ ...asked, dryRun: true })).id);
        assert.ok(planned.report?.kind === 'restore');
        assert.equal(planned.report.filesRestored, restored.report.filesRestored);
        assert.ok(!readdirSync(root).includes(`restored ${chain.join()}`), 'a dry run writes nothing');
      }
      nothingLeft();
    });

    test(`${way}: PostgreSQL is backed up, dropped, restored, and equal`, async () => {
      const name = `db "${chain.join()}"`;
      await sql('postgres', `CREATE DATABASE "${name.replaceAll('"', '""')}"`);
      await sql(
        name,
        'CREATE TABLE t AS SELECT n, repeat(md5(n::text), 30) AS x FROM generate_series(1, 3000) n; CREATE VIEW v AS SELECT n FROM t',
      );
      const before = wholeDump(name);
      const looked = await client.backups.probe({ chain: idsOf(chain), source: postgres(name), sourcePassword: secret() });
      assert.match(String(looked.server), /^PostgreSQL /);
      assert.equal(looked.contents.find((each) => each.name === name)?.selected, true);
      const backup = await define(`Database ${way}`, chain, postgres(name), secret());
      assert.ok(backup.hasSourcePassword && !JSON.stringify(backup).includes(secret()));
      await succeeded((await client.backups.run({ id: backup.id })).id);
      await sql('postgres', `DROP DATABASE "${name.replaceAll('"', '""')}"`);
      const storedSnapshotId = await newestSnapshot(backup.id);
      const pushed = await succeeded((await client.runs.startPush({ storedSnapshotId })).id);
      assert.ok(pushed.report?.kind === 'push');
      assert.deepEqual(
        pushed.report.restored.map(({ as }) => as),
        [name],
      );
      assert.equal(wholeDump(name), before);
      nothingLeft();
      if (chain.length < 3 || chain[1] !== 'box') return;
      const refused = await follow((await client.runs.startPush({ storedSnapshotId })).id);
      assert.deepEqual([refused.outcome, refused.error?.code], ['failed', 'target-occupied']);
      await succeeded((await client.runs.startPush({ storedSnapshotId, rename: { [name]: `copy ${chain.join()}` } })).id);
      assert.equal(wholeDump(`copy ${chain.join()}`), before);
      const explained = await client.backups.explain({ id: backup.id });
      assert.ok(explained.backup.length > 0 && explained.restore.length > 0);
      assert.ok(!JSON.stringify(explained).includes(secret()));
      nothingLeft();
    });
  }

  test('local → one: a volume is read while the container that uses it is paused', async () => {
    engine.docker(['volume', 'create', 'shop']);
    engine.run('user', ['--volume', 'shop:/data']);
    engine.docker(['exec', 'user', 'sh', '-c', 'echo it is here >/data/file']);
    const volume: Source = {
      driver: 'docker-volume',
      volumes: ['shop'],
      program: 'docker',
      socket: engine.socket,
      containers: 'pause',
      excludes: [],
      excludeCaches: false,
      oneFileSystem: false,
      excludeLargerThanBytes: null,
    };
    const backup = await define('Volume', ['one'], volume);
    const run = await succeeded((await client.backups.run({ id: backup.id })).id);
    assert.equal(run.report?.kind === 'backup' && run.report.files, 1);
    assert.match(engine.docker(['ps', '--format', '{{.Names}} {{.State}}']), /user running/);
    const log = await client.runs.log({ id: run.id });
    assert.ok(log.some(({ text }) => text === 'Paused user'));
    nothingLeft();
  });

  test('F79 nothing that was given as a secret is in any answer, any log, or the process list', async () => {
    const everything = JSON.stringify([
      await client.connections.list(),
      await client.backups.list(),
      await client.overview.audit({ limit: 200 }),
      server.log,
    ]);
    for (const text of [secret(), ...hops.map(({ clientKey }) => clientKey.split('\n')[2] ?? '-')])
      assert.ok(!everything.includes(text) && !everything.includes(JSON.stringify(text).slice(1, -1)));
  });

  test('a server that is gone is a failed run that names the link, and leaves nothing; the next one succeeds', async () => {
    const lost = await SshServer.start();
    await keepSsh('lost', lost);
    mkdirSync(join(root, 'small'));
    const backup = await define('Lost', ['one', 'lost'], files([join(root, 'small')]));
    await succeeded((await client.backups.run({ id: backup.id })).id);
    const { port } = lost;
    await lost[Symbol.asyncDispose]();
    const run = await follow((await client.backups.run({ id: backup.id })).id);
    assert.deepEqual([run.outcome, run.error?.code], ['failed', 'link-unreachable']);
    assert.match(String(run.error?.message), new RegExp(`Link 2 of 2: .*${port}`));
    assert.equal((await client.snapshots.list({ backupId: backup.id })).items.length, 1);
    nothingLeft();
    const back = await client.connections.update({
      id: ids.get('lost') ?? '',
      options: sshOptions(hops[1] as SshServer, [keyOf(hops[1])]),
      secrets: { privateKey: String(hops[1]?.clientKey) },
    });
    assert.deepEqual(back.backupIds, [backup.id]);
    await succeeded((await client.backups.run({ id: backup.id })).id);
    await assert.rejects(client.connections.remove({ id: back.id }), /go over it/);
  });

  function keyOf(hop: SshServer | undefined): string {
    return String(hop?.hostKey.split(' ').slice(0, 2).join(' '));
  }
});
