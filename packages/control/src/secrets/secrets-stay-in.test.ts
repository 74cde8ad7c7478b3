import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { BackupConfig, ConnectionOptions, StorageOptions } from '@holdfast/contract';
import { Secret, systemRandom } from '@holdfast/kernel';
import { sql } from 'kysely';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { repositoryAccess } from '../runs/repository-access.ts';
import { loadMasterKey } from './load-master-key.ts';
import { isSealed, secretColumns, secretSettings, secretsOfSetting } from './secret-columns.ts';

/** Every row of every table, also of tables that nobody thought of here. */
async function everything({ database }: ControlWorld): Promise<{ table: string; row: Record<string, unknown> }[]> {
  const rows: { table: string; row: Record<string, unknown> }[] = [];
  for (const { name } of await database.tables.introspection.getTables()) {
    const found = await sql<Record<string, unknown>>`select * from ${sql.table(name)}`.execute(database.tables);
    rows.push(...found.rows.map((row) => ({ table: name, row })));
  }
  return rows;
}

/** A text and the ways in which it could be written elsewhere. */
function disguises(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  const base64 = bytes.toString('base64').replace(/=+$/, '').slice(0, -1);
  return [secret, bytes.toString('hex'), base64, bytes.toString('base64url').slice(0, -1), encodeURIComponent(secret)];
}

withDatabases('secrets stay in', ({ open, kind }) => {
  test('F78 F80 a secret given in any field is in no answer, change, audit row or error, and in the database only sealed', async () => {
    await using world = await open();
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-canary-'));
    const canaries = [
      'canary-password-7f3a91',
      `123456789:${'CanaryToken0'.repeat(3)}`,
      'canary-S3-key-51b0c8',
      'canary-S3-other-9d27e4',
      'canary-key-5b20c7',
      'canary-source-91d4e2',
    ];
    const [password = '', token = '', key = '', otherKey = '', privateKey = '', sourcePassword = ''] = canaries;
    const { caller } = world;
    const sealer = await loadMasterKey({ database: world.database, dataDirectory: folder, environment: {}, random: systemRandom });
    const context = { ...world.context, sealer };
    const said: unknown[] = [];
    context.changes.listen((change) => said.push(change));
    const say = async (work: Promise<unknown>): Promise<unknown> => {
      const answer = await work.catch((error: unknown) => error);
      said.push(answer);
      return answer;
    };
    const created = {
      name: 'disk',
      options: { driver: 'local', path: '/srv/disk' },
      maintenance: { checkEveryDays: 7, readDataPercent: 10, pruneEveryDays: 7 },
      password: new Secret(password),
      repositoryId: 'x',
      adopted: false,
    } as const;
    await say(control.storageServers.recordCreated(context, caller, created));
    await say(control.storageServers.recordCreated(context, caller, created));
    const bucket = { driver: 's3', endpoint: 'https://s3.example.org', bucket: 'backups', accessKeyId: 'KEYNAME' } as const;
    const inBucket = {
      ...created,
      name: 'zzz bucket',
      options: StorageOptions.parse(bucket),
      secrets: { secretAccessKey: key },
      repositoryId: 'y',
    };
    await say(control.storageServers.recordCreated(context, caller, inBucket));
    await say(control.storageServers.recordCreated(context, caller, inBucket));
    const [server, s3Server] = await control.storageServers.list(context, caller);
    const s3Id = String(s3Server?.id);
    assert.equal((await repositoryAccess(context, s3Id)).secrets?.secretAccessKey, key);
    await say(control.storageServers.update(context, caller, { id: s3Id, name: 'bucket' }));
    assert.equal((await repositoryAccess(context, s3Id)).secrets?.secretAccessKey, key, 'what is not given stays');
    await say(control.storageServers.update(context, caller, { id: s3Id, secrets: { secretAccessKey: otherKey } }));
    assert.equal((await repositoryAccess(context, s3Id)).secrets?.secretAccessKey, otherKey);
    const kit = await control.storageServers.recoveryKey(context, caller, { id: s3Id });
    assert.ok(kit.text.includes('RESTIC_REPOSITORY=s3:https://s3.example.org/backups') && kit.text.includes('KEYNAME'));
    assert.ok(!kit.text.includes(otherKey), 'the key of the storage is not part of the recovery key');
    const id = String(server?.id);
    const config = BackupConfig.parse({
      name: 'Home',
      source: { driver: 'files', paths: ['/home'] },
      storageServerIds: [id],
      schedule: { hours: [1], minutes: [1] },
      timeZone: 'UTC',
      retention: {},
    });
    await say(control.notifications.setTelegram(context, caller, { enabled: true, chat: '42', token }));
    await say(control.notifications.setTelegram(context, caller, { enabled: true, chat: '43' }));
    await say(control.notifications.telegram(context, caller));
    const way = ConnectionOptions.parse({ kind: 'ssh', host: 'db1', user: 'deploy' });
    await say(control.connections.create(context, caller, { name: 'way', options: way, secrets: { privateKey } }));
    await say(control.connections.create(context, caller, { name: 'way', options: way, secrets: { privateKey } }));
    const [connection] = await control.connections.list(context, caller);
    await say(control.connections.update(context, caller, { id: String(connection?.id), secrets: { passphrase: privateKey } }));
    const chain = [String(connection?.id)];
    await say(control.backups.create(context, caller, { config: { ...config, chain }, sourcePassword }));
    await say(control.backups.create(context, caller, { config: { ...config, chain }, sourcePassword }));
    await say(control.connections.remove(context, caller, { id: String(connection?.id) }));
    await say(control.backups.list(context, caller));
    await say(control.overview.get(context, caller));
    await say(control.storageServers.update(context, caller, { id, name: 'other' }));
    await say(control.storageServers.remove(context, caller, { id }));
    await say(control.storageServers.list(context, caller));
    // The one answer that is meant to give a secret out.
    const recovery = await control.storageServers.recoveryKey(context, caller, { id });
    assert.ok(recovery.text.includes(password) && recovery.password === password);
    await say(control.overview.audit(context, caller, { limit: 200 }));
    const stranger = { ...world.context };
    said.push(await control.storageServers.recoveryKey(stranger, caller, { id }).catch((error: unknown) => error));
    said.push(context, created);

    const rows = await everything(world);
    const texts = [
      ...said.map((one) => `${inspect(one, { depth: 12 })} ${JSON.stringify(one, withoutCycles())}`),
      ...rows.map(({ row }) => JSON.stringify(row)),
    ];
    if (kind === 'sqlite')
      for (const name of await readdir(dirname(world.place))) texts.push(await readFile(join(dirname(world.place), name), 'latin1'));
    for (const canary of canaries.flatMap(disguises))
      for (const text of texts) assert.ok(!text.includes(canary), `${canary} in ${text.slice(0, 2000)}`);

    for (const { table, column } of secretColumns) {
      const values = rows.filter((found) => found.table === table && found.row[column] !== null).map(({ row }) => String(row[column]));
      assert.ok(values.length > 0 && values.every(isSealed), `${table}.${column}`);
    }
    const settings = rows.filter(({ table }) => table === 'setting').map(({ row }) => [String(row['key']), String(row['value'])] as const);
    const secrets = settings.flatMap(([name, value]) => secretsOfSetting(name, value));
    assert.equal(secrets.length, 2, 'the canary of the master key and the token');
    assert.ok(secrets.every(isSealed));
    await rm(folder, { recursive: true });
  });

  test('F80 every column whose name sounds like a secret is one that is sealed, or known to be none', async () => {
    await using world = await open();
    // Passwords of people are hashed, tokens of the API too; the library for signing in keeps tokens of sessions, which end.
    const known = ['account.password', 'account.access_token', 'account.refresh_token', 'account.id_token', 'session.token'];
    const sounds = /password|secret|token|credential|private|passphrase|api_key/;
    const suspects = (await world.database.tables.introspection.getTables()).flatMap(({ name, columns }) =>
      columns.filter(({ name: column }) => sounds.test(column) && !column.endsWith('_at')).map((column) => `${name}.${column.name}`),
    );
    // Which secrets there are is no secret.
    known.push('connection.secret_names');
    const sealed = secretColumns.map(({ table, column }) => `${table}.${column}`);
    assert.deepEqual(
      suspects.filter((suspect) => !sealed.includes(suspect) && !known.includes(suspect)),
      [],
    );
    assert.ok(Object.keys(secretSettings).length > 0);
  });
});

function withoutCycles(): (key: string, value: unknown) => unknown {
  const seen = new Set<unknown>();
  return (key, value) => {
    if (typeof value === 'bigint') return String(value);
    if (typeof value !== 'object' || value === null) return value;
    if (seen.has(value)) return key;
    seen.add(value);
    return value;
  };
}
