import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackupConfig, type StorageServer } from '@holdfast/contract';
import { CodedError, Secret } from '@holdfast/kernel';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { insertRun } from '../runs/insert-run.ts';

const { storageServers } = control;
const maintenance = { checkEveryDays: 7, readDataPercent: 10, pruneEveryDays: null };

async function add({ context, caller }: ControlWorld, name: string, changes: object = {}): Promise<StorageServer> {
  const options = { driver: 'local' as const, path: `/srv/${name}` };
  const created = { name, options, maintenance, password: new Secret(`it's ${name}`), repositoryId: `id of ${name}`, adopted: false };
  return await storageServers.recordCreated(context, caller, { ...created, ...changes });
}

const refused =
  (code: string, message: RegExp) =>
  (error: unknown): boolean =>
    CodedError.is(error) && error.code === code && message.test(error.message);

withDatabases('storage servers', ({ open }) => {
  test('one is recorded, shown without its password, changed and removed', async () => {
    await using world = await open();
    const { context, caller } = world;
    const server = await add(world, 'disk', { status: { reachable: true, freeBytes: 7 } });
    assert.deepEqual([server.status.reachable, server.status.freeBytes, server.status.usedBytes], [true, 7, null]);
    assert.deepEqual(await storageServers.get(context, caller, { id: server.id }), server);
    const renamed = await storageServers.update(context, caller, { id: server.id, name: 'Disk in the cellar' });
    assert.deepEqual([renamed.name, renamed.options], ['Disk in the cellar', server.options]);
    const seen = await storageServers.recordStatus(context, caller, { id: server.id, status: { usedBytes: 5, checkedMs: 9 } });
    assert.deepEqual([seen.status.usedBytes, seen.status.freeBytes], [5, 7]);
    await storageServers.remove(context, caller, { id: server.id });
    assert.deepEqual(await storageServers.list(context, caller), []);
    await assert.rejects(storageServers.get(context, caller, { id: server.id }), refused('not-found', /storage server/));
    const { items } = await control.overview.audit(context, caller, { limit: 10 });
    assert.deepEqual(items.map(({ verb }) => verb).sort(), ['storage-servers.create', 'storage-servers.remove', 'storage-servers.update']);
  });

  test('one name, one place and one repository are one storage server', async () => {
    await using world = await open();
    const { context, caller } = world;
    await add(world, 'disk');
    await assert.rejects(add(world, 'disk', { options: { driver: 'local', path: '/other' } }), refused('conflict', /called disk/));
    await assert.rejects(add(world, 'other', { options: { driver: 'local', path: '/srv//disk/' } }), refused('conflict', /at that place/));
    await assert.rejects(add(world, 'other', { repositoryId: 'id of disk' }), refused('conflict', /holds that repository/));
    const wanted = { name: 'new', options: { driver: 'local' as const, path: '/srv/disk' } };
    await assert.rejects(storageServers.requireNew(context, caller, wanted), refused('conflict', /at that place/));
    await storageServers.requireNew(context, caller, { ...wanted, options: { driver: 'local', path: '/srv/disk2' } });
    const { id } = await add(world, 'other');
    await assert.rejects(storageServers.update(context, caller, { id, name: 'disk' }), refused('conflict', /called disk/));
    await storageServers.update(context, caller, { id, name: 'other', options: { driver: 'local', path: '/srv/other' } });
  });

  test('F12 a storage server that a backup writes to cannot be removed, by a verb or past it', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id } = await add(world, 'disk');
    const other = await add(world, 'other');
    const source = { driver: 'files', paths: ['/home'] };
    const config = BackupConfig.parse({
      name: 'Home',
      source,
      storageServerIds: [id, other.id],
      schedule: null,
      timeZone: 'UTC',
      retention: {},
    });
    const backup = await control.backups.create(context, caller, { config });
    await assert.rejects(storageServers.remove(context, caller, { id }), refused('in-use', /backups Home write to it/));
    await assert.rejects(context.database.tables.deleteFrom('storage_server').where('id', '=', id).execute(), /foreign key/i);
    const [, listed] = await storageServers.list(context, caller);
    assert.deepEqual(listed?.backupIds, [backup.id]);
    await control.backups.update(context, caller, { id: backup.id, config: { ...config, storageServerIds: [other.id] }, version: 1 });
    await insertRun(context, context.database.tables, { kind: 'check', title: 'disk', trigger: 'person', storageServerId: id });
    await assert.rejects(storageServers.remove(context, caller, { id }), refused('in-use', /a run \(check\)/));
    await context.database.tables.updateTable('run').set({ state: 'ended', outcome: 'succeeded' }).execute();
    await storageServers.remove(context, caller, { id });
    assert.equal((await control.backups.get(context, caller, { id: backup.id })).config.storageServerIds.length, 1);
  });

  test('the recovery key is given out with what restic needs, and noted', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id } = await add(world, 'disk', { options: { driver: 'local', path: "/srv/it's a disk" } });
    const { fileName, text, password } = await storageServers.recoveryKey(context, caller, { id });
    assert.equal(fileName, 'holdfast-recovery-key-disk.txt');
    assert.equal(password, "it's disk");
    assert.match(text, /export RESTIC_REPOSITORY='\/srv\/it'\\''s a disk'\n/);
    assert.match(text, /export RESTIC_PASSWORD='it'\\''s disk'\n/);
    const server = await storageServers.get(context, caller, { id });
    assert.equal(server.recoveryKeyTakenMs, Date.UTC(2026, 10, 25, 12));
    const { items } = await control.overview.audit(context, caller, { limit: 10 });
    assert.ok(items.some(({ verb, actor }) => verb === 'storage-servers.recovery-key' && actor === caller.actor));
  });
});
