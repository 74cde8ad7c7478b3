import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupConfig, type Connection, ConnectionOptions, type ConnectionSecrets } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { addStorageServer } from '../../../../test/support/control-records.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { sourcePasswordOf } from '../backup/source-password.ts';
import { control } from '../control.ts';
import { buildPlan } from '../runs/build-plan.ts';
import { defaultRunLimits } from '../runs/choose-run.ts';
import { claimRun } from '../runs/claim-run.ts';

const { connections, backups } = control;
const ssh = ConnectionOptions.parse({ kind: 'ssh', host: 'db1', user: 'deploy' });
const worker = { host: 'here', name: 'worker' };
const docker = ConnectionOptions.parse({ kind: 'docker', container: { by: 'service', service: 'db' } });

async function add({ context, caller }: ControlWorld, name: string, secrets: ConnectionSecrets = {}): Promise<Connection> {
  return await connections.create(context, caller, { name, options: name.startsWith('docker') ? docker : ssh, secrets });
}

function configOf(storageServerId: string, chain: readonly string[]): BackupConfig {
  return BackupConfig.parse({
    name: 'Database',
    chain,
    source: { driver: 'postgres', user: 'backup' },
    storageServerIds: [storageServerId],
    schedule: null,
    timeZone: 'UTC',
    retention: {},
  });
}

const refused =
  (code: string, message: RegExp, field?: string) =>
  (error: unknown): boolean =>
    CodedError.is(error) && error.code === code && message.test(error.message) && (field === undefined || error.context['field'] === field);

withDatabases('connections', ({ open }) => {
  test('one is kept, shown without its secrets, changed and removed', async () => {
    await using world = await open();
    const { context, caller } = world;
    const made = await add(world, 'db1', { password: 'tomato', privateKey: 'a key' });
    assert.deepEqual([made.secrets, made.options, made.backupIds], [['password', 'privateKey'], ssh, []]);
    assert.deepEqual(await connections.list(context, caller), [made]);
    await assert.rejects(add(world, 'db1'), refused('conflict', /called db1/, 'name'));
    const { id } = made;
    const changed = await connections.update(context, caller, { id, name: 'first', secrets: { password: null, passphrase: 'pepper' } });
    assert.deepEqual([changed.name, changed.secrets], ['first', ['passphrase', 'privateKey']]);
    const [link] = await connections.links(context, { chain: [id] });
    assert.deepEqual(link?.secrets, { privateKey: 'a key', passphrase: 'pepper' });
    await assert.rejects(
      connections.update(context, caller, { id, secrets: { password: 'two\nlines' } }),
      refused('invalid-argument', /one line/, 'secrets.password'),
    );
    await connections.remove(context, caller, { id });
    await assert.rejects(connections.get(context, caller, { id }), refused('not-found', /connection/));
    const { items } = await control.overview.audit(context, caller, { limit: 10 });
    assert.deepEqual(items.map(({ verb }) => verb).sort(), ['connections.create', 'connections.remove', 'connections.update']);
    assert.ok(!JSON.stringify(items).includes('pepper') && !JSON.stringify(items).includes('tomato'));
  });

  test('a chain keeps its order, may pass a connection twice, and none of its connections can be removed', async () => {
    await using world = await open();
    const { context, caller } = world;
    const storageServerId = await addStorageServer(context, 'Disk');
    const [a, b, other] = [await add(world, 'db1', { password: 'tomato' }), await add(world, 'docker'), await add(world, 'db2')];
    const chain = [b.id, a.id, b.id];
    const backup = await backups.create(context, caller, { config: configOf(storageServerId, chain) });
    assert.deepEqual(backup.config.chain, chain);
    assert.deepEqual((await connections.get(context, caller, { id: b.id })).backupIds, [backup.id]);
    await assert.rejects(connections.remove(context, caller, { id: a.id }), refused('in-use', /Database go over it/));
    const missing = 'f'.repeat(32);
    await assert.rejects(
      backups.update(context, caller, { id: backup.id, version: 1, config: configOf(storageServerId, [a.id, missing]) }),
      refused('invalid-argument', /no connection/, 'config.chain.1'),
    );
    await backups.update(context, caller, { id: backup.id, version: 1, config: configOf(storageServerId, [other.id]) });
    await connections.remove(context, caller, { id: a.id });
    await assert.rejects(connections.remove(context, caller, { id: other.id }), refused('in-use', /go over it/));
    await backups.remove(context, caller, { id: backup.id });
    await connections.remove(context, caller, { id: other.id });
  });

  test('a plan has the chain and the password of the source; both stay out of what is shown', async () => {
    await using world = await open();
    const { context, caller } = world;
    const storageServerId = await addStorageServer(context, 'Disk');
    const a = await add(world, 'db1', { password: 'tomato' });
    const b = await add(world, 'docker');
    const config = configOf(storageServerId, [a.id, b.id]);
    const backup = await backups.create(context, caller, { config, sourcePassword: 'pepper' });
    assert.equal(backup.hasSourcePassword, true);
    await backups.run(context, caller, { id: backup.id });
    const run = await claimRun(context, worker, { leaseMs: 60_000, limits: defaultRunLimits });
    assert.ok(run !== undefined);
    const { plan } = await buildPlan(context, run);
    assert.ok(plan.kind === 'backup');
    assert.deepEqual(
      plan.chain.map(({ name, secrets }) => [name, secrets]),
      [
        ['db1', { password: 'tomato' }],
        ['docker', {}],
      ],
    );
    assert.deepEqual([plan.sourcePassword, plan.hostname], ['pepper', 'db1/db']);
    const clone = await backups.clone(context, caller, { id: backup.id, name: 'Clone' });
    assert.equal(await sourcePasswordOf(context, clone.id), 'pepper');
    const kept = await backups.update(context, caller, { id: backup.id, version: 1, config: { ...config, notifySuccess: true } });
    assert.equal(kept.hasSourcePassword, true);
    const changed = await backups.update(context, caller, { id: backup.id, version: 2, config: kept.config, sourcePassword: 'salt' });
    assert.deepEqual([changed.version, await sourcePasswordOf(context, backup.id)], [3, 'salt']);
    const without = await backups.update(context, caller, { id: backup.id, version: 3, config: kept.config, sourcePassword: null });
    assert.deepEqual([without.hasSourcePassword, await sourcePasswordOf(context, backup.id)], [false, null]);
    const shown = JSON.stringify([await backups.list(context, caller), await backups.versions(context, caller, { id: backup.id })]);
    assert.ok(!/pepper|salt|tomato/.test(shown));
  });

  test('a link that is tried uses the secrets that are kept, those that are given, or none', async () => {
    await using world = await open();
    const { context } = world;
    const { id } = await add(world, 'db1', { password: 'tomato', privateKey: 'a key' });
    const secretsOf = async (candidate: Parameters<typeof connections.links>[1]['candidate']): Promise<unknown> =>
      (await connections.links(context, { chain: [id], candidate })).map(({ secrets }) => secrets);
    const kept = { password: 'tomato', privateKey: 'a key' };
    assert.deepEqual(await secretsOf({ options: ssh, secrets: {} }), [kept, {}]);
    assert.deepEqual(await secretsOf({ id, options: ssh, secrets: {} }), [kept, kept]);
    assert.deepEqual(await secretsOf({ id, options: ssh, secrets: { password: 'salt', privateKey: null } }), [kept, { password: 'salt' }]);
    await assert.rejects(connections.links(context, { chain: ['f'.repeat(32)] }), refused('not-found', /no connection/));
  });

  test('dumps are put back by a run of their own, to the server of a backup that is none of files', async () => {
    await using world = await open();
    const { context, caller } = world;
    const storageServerId = await addStorageServer(context, 'Disk');
    const backup = await backups.create(context, caller, { config: configOf(storageServerId, []), sourcePassword: 'pepper' });
    const files = {
      ...configOf(storageServerId, []),
      name: 'Files',
      source: BackupConfig.shape.source.parse({ driver: 'files', paths: ['/x'] }),
    };
    const other = await backups.create(context, caller, { config: files });
    const snapshot = { snapshot_id: 'a'.repeat(64), storage_server_id: storageServerId, backup_id: backup.id, run_id: null, time_ms: 1 };
    const storedSnapshotId = 'e'.repeat(32);
    await context.database.tables
      .insertInto('snapshot')
      .values({ id: storedSnapshotId, ...snapshot, files: 1, bytes: 1, added_bytes: 1, complete: 1, pinned: 0 })
      .execute();
    const asked = { storedSnapshotId, rename: { shop: 'copy' }, existing: 'replace' } as const;
    await assert.rejects(
      control.runs.startPush(context, caller, { ...asked, backupId: other.id }),
      refused('invalid-argument', /files/, 'backupId'),
    );
    const started = await control.runs.startPush(context, caller, asked);
    assert.deepEqual([started.kind, started.backupId], ['restore', backup.id]);
    const run = await claimRun(context, worker, { leaseMs: 60_000, limits: defaultRunLimits });
    assert.ok(run !== undefined);
    const { plan } = await buildPlan(context, run);
    assert.ok(plan.kind === 'push');
    assert.deepEqual(
      [plan.rename, plan.existing, plan.sourcePassword, plan.source.driver],
      [{ shop: 'copy' }, 'replace', 'pepper', 'postgres'],
    );
  });
});
