import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Backup, BackupConfig, type Change } from '@holdfast/contract';
import { CodedError, Secret } from '@holdfast/kernel';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { insertRun } from '../runs/insert-run.ts';

const { backups, storageServers } = control;
const hourMs = 3_600_000;

async function addServer({ context, caller }: ControlWorld, name: string): Promise<string> {
  const created = {
    name,
    options: { driver: 'local', path: `/srv/${name}` },
    maintenance: { checkEveryDays: 7, readDataPercent: 10, pruneEveryDays: 7 },
    password: new Secret(`password of ${name}`),
    repositoryId: `repository-of-${name}`,
    adopted: false,
  } as const;
  return (await storageServers.recordCreated(context, caller, created)).id;
}

function configOf(storageServerIds: readonly string[], changes: object = {}): BackupConfig {
  return BackupConfig.parse({
    name: 'Documents',
    source: { driver: 'files', paths: ['/home/documents'] },
    storageServerIds,
    schedule: { hours: [2], minutes: [30] },
    timeZone: 'Europe/Berlin',
    retention: {},
    ...changes,
  });
}

async function addBackup(world: ControlWorld, changes: object = {}): Promise<Backup> {
  const servers = await storageServers.list(world.context, world.caller);
  const serverId = servers[0]?.id ?? (await addServer(world, 'disk'));
  return await backups.create(world.context, world.caller, { config: configOf([serverId], changes) });
}

/** A run that ended, as the worker would write it. */
async function addRun(
  { context }: ControlWorld,
  backupId: string,
  outcome: string,
  kind: 'backup' | 'restore' = 'backup',
): Promise<string> {
  const id = String(await insertRun(context, context.database.tables, { kind, title: 'Documents', trigger: 'schedule', backupId }));
  const ended = { state: 'ended', outcome, ended_ms: nowMs(context.clock) };
  await context.database.tables.updateTable('run').set(ended).where('id', '=', id).execute();
  return id;
}

const refused =
  (code: string, field: string | undefined) =>
  (error: unknown): boolean => {
    assert.ok(CodedError.is(error), String(error));
    assert.deepEqual([error.code, error.context['field']], [code, field]);
    assert.ok(error.hint !== undefined);
    return true;
  };

async function audit({ context, caller }: ControlWorld): Promise<string[]> {
  const { items } = await control.overview.audit(context, caller, { limit: 100 });
  return items.map(({ verb, object, details }) => `${verb} ${object}: ${details}`);
}

withDatabases('backups', ({ open }) => {
  test('a backup is defined, listed with its next run, and noted', async () => {
    await using world = await open();
    const { context, caller } = world;
    const changes: Change[] = [];
    context.changes.listen((change) => changes.push(change));
    const backup = await addBackup(world);
    assert.equal(backup.version, 1);
    assert.equal(backup.health, 'new');
    assert.equal(backup.nextRunMs, Date.UTC(2026, 10, 26, 1, 30));
    assert.deepEqual(await backups.list(context, caller), [backup]);
    assert.deepEqual(await backups.get(context, caller, { id: backup.id }), backup);
    const notes = await audit(world);
    assert.ok(notes.some((note) => /^backups\.create backup Documents: .*\/home\/documents/.test(note)));
    assert.deepEqual(changes.at(-1), { noun: 'backup', id: backup.id });
    const [server] = await storageServers.list(context, caller);
    assert.deepEqual(server?.backupIds, [backup.id]);
  });

  test('F46 what the form of a configuration cannot tell is refused, and the field named', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { config } = await addBackup(world);
    const create = async (changes: object): Promise<unknown> =>
      await backups.create(context, caller, { config: { ...config, name: 'Other', ...changes } as BackupConfig });
    await assert.rejects(create({ name: 'Documents' }), refused('conflict', 'config.name'));
    await assert.rejects(create({ schedule: { cron: '61 * * * *' } }), refused('invalid-argument', 'config.schedule'));
    await assert.rejects(create({ schedule: { hour: [2] } }), refused('invalid-argument', 'config.schedule'));
    await assert.rejects(create({ timeZone: 'Mars/Olympus' }), refused('invalid-argument', 'config.timeZone'));
    await assert.rejects(create({ retention: { ...config.retention, keep_daily: 3 } }), refused('invalid-argument', 'config.retention'));
    const nowhere = 'f'.repeat(32);
    await assert.rejects(
      create({ storageServerIds: [...config.storageServerIds, nowhere] }),
      refused('invalid-argument', 'config.storageServerIds.1'),
    );
    assert.equal((await backups.list(context, caller)).length, 1);
    assert.equal((await audit(world)).length, 2);
    await assert.rejects(backups.get(context, caller, { id: nowhere }), refused('not-found', undefined));
  });

  test('a change makes a version, on the version that it was made on; the same once more makes none', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id, config } = await addBackup(world);
    world.clock.advance(1000);
    const changed = { ...config, retention: { ...config.retention, representative: 'earliest' as const } };
    const updated = await backups.update(context, { ...caller, actor: 'second@example.org' }, { id, config: changed, version: 1 });
    assert.equal(updated.version, 2);
    assert.equal((await audit(world))[0], 'backups.update backup Documents: version 2: retention.representative: "latest" → "earliest"');
    await assert.rejects(backups.update(context, caller, { id, config, version: 1 }), refused('changed-meanwhile', 'version'));
    assert.equal((await backups.update(context, caller, { id, config: changed, version: 2 })).version, 2);
    const versions = await backups.versions(context, caller, { id });
    assert.deepEqual(
      versions.map(({ version, changedBy, config: { retention } }) => [version, changedBy, retention.representative]),
      [
        [2, 'second@example.org', 'earliest'],
        [1, 'tester@example.org', 'latest'],
      ],
    );
  });

  test('of two changes on one version, one is refused', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id, config } = await addBackup(world);
    const results = await Promise.allSettled(
      ['One', 'Two', 'Three'].map((name) => backups.update(context, caller, { id, config: { ...config, name }, version: 1 })),
    );
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of results) if (result.status === 'rejected') refused('changed-meanwhile', 'version')(result.reason);
    assert.equal((await backups.versions(context, caller, { id })).length, 2);
  });

  test('of two backups of one name made at once, one is refused', async () => {
    await using world = await open();
    const { context, caller } = world;
    const config = configOf([await addServer(world, 'disk')]);
    const results = await Promise.allSettled([1, 2, 3].map(() => backups.create(context, caller, { config })));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const result of results) if (result.status === 'rejected') refused('conflict', 'config.name')(result.reason);
  });

  test('a new schedule and a resumed one count from then on; another change leaves what was due', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    const { id, config } = await addBackup(world);
    const until = async (): Promise<number> =>
      (await context.database.tables.selectFrom('backup').select('scheduled_until_ms').executeTakeFirstOrThrow()).scheduled_until_ms;
    const first = await until();
    clock.advance(hourMs);
    await backups.update(context, caller, { id, config: { ...config, notifySuccess: true }, version: 1 });
    assert.equal(await until(), first);
    await backups.update(context, caller, { id, config: { ...config, schedule: { hours: [3], minutes: [0] } }, version: 2 });
    assert.equal(await until(), first + hourMs);
    clock.advance(hourMs);
    const paused = await backups.setPaused(context, caller, { id, paused: true });
    assert.deepEqual([paused.paused, paused.health, paused.nextRunMs], [true, 'paused', null]);
    assert.equal(await until(), first + hourMs);
    await backups.setPaused(context, caller, { id, paused: false });
    assert.equal(await until(), first + 2 * hourMs);
  });

  test('a copy is paused, has the same definition, and no runs', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id, config } = await addBackup(world);
    await addRun(world, id, 'succeeded');
    const clone = await backups.clone(context, caller, { id, name: 'Documents again' });
    assert.deepEqual([clone.paused, clone.lastRun, clone.version], [true, null, 1]);
    assert.deepEqual({ ...clone.config, name: config.name }, config);
    await assert.rejects(backups.clone(context, caller, { id, name: 'Documents' }), refused('conflict', 'config.name'));
  });

  test('run now queues a run, hurries one that waits, and refuses beside one that works', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    const { id } = await addBackup(world);
    const run = await backups.run(context, caller, { id });
    assert.deepEqual([run.state, run.kind, run.trigger, run.title], ['queued', 'backup', 'person', 'Documents']);
    clock.advance(1000);
    assert.equal((await backups.run(context, caller, { id })).id, run.id);
    await context.database.tables.updateTable('run').set({ state: 'running' }).execute();
    await assert.rejects(backups.run(context, caller, { id }), refused('conflict', undefined));
    await assert.rejects(backups.remove(context, caller, { id }), refused('in-use', undefined));
  });

  test('removing leaves snapshots and reports, and cancels what waits', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id, config } = await addBackup(world);
    const done = await addRun(world, id, 'succeeded');
    world.clock.advance(1);
    const waiting = await backups.run(context, caller, { id });
    const storageServerId = String(config.storageServerIds[0]);
    const snapshotId = 'a'.repeat(64);
    const found = { snapshotId, timeMs: 5, tags: ['holdfast', `backup=${id}`] };
    await control.snapshots.adopt(context, caller, { storageServerId, listedMs: 0, snapshots: [found] });
    await backups.remove(context, caller, { id });
    assert.deepEqual(await backups.list(context, caller), []);
    const runs = await control.runs.list(context, caller, { limit: 10 });
    assert.deepEqual(
      runs.items.map((run) => [run.id, run.outcome, run.backupId]),
      [
        [waiting.id, 'cancelled', null],
        [done, 'succeeded', null],
      ],
    );
    const { items } = await control.snapshots.list(context, caller, { limit: 10 });
    assert.deepEqual(
      items.map((snapshot) => [snapshot.snapshotId, snapshot.backupId]),
      [[snapshotId, null]],
    );
    await storageServers.remove(context, caller, { id: storageServerId });
  });

  test('the last run, the last success and the health follow the runs', async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    const { id } = await addBackup(world);
    const now = async (): Promise<Backup> => await backups.get(context, caller, { id });
    clock.advance(12 * hourMs);
    await addRun(world, id, 'succeeded');
    const successMs = nowMs(clock);
    assert.deepEqual([(await now()).lastSuccessMs, (await now()).lastRun?.outcome], [successMs, 'succeeded']);
    clock.advance(hourMs);
    const failed = await addRun(world, id, 'failed');
    const failing = await now();
    assert.deepEqual([failing.health, failing.lastRun?.id, failing.lastSuccessMs], ['failing', failed, successMs]);
    clock.advance(1000);
    await addRun(world, id, 'cancelled');
    assert.deepEqual([(await now()).lastRun?.outcome, (await now()).health], ['cancelled', 'failing']);
    clock.advance(1000);
    await addRun(world, id, 'succeeded');
    clock.advance(25 * hourMs);
    assert.equal((await now()).health, 'overdue');
    assert.deepEqual((await backups.list(context, caller))[0], await now());
  });

  test('F55 a backup that never ran is overdue once its first fire has passed', async () => {
    await using world = await open();
    const { id } = await addBackup(world);
    world.clock.advance(20 * hourMs);
    assert.equal((await backups.get(world.context, world.caller, { id })).health, 'overdue');
  });

  test('a schedule is previewed in words and times', async () => {
    await using world = await open();
    const { context, caller } = world;
    const preview = await backups.previewSchedule(context, caller, { schedule: { cron: '0 4 * * mon' }, timeZone: 'UTC', count: 2 });
    assert.deepEqual(preview, { description: 'At 04:00 on Monday.', fires: [Date.UTC(2026, 10, 30, 4), Date.UTC(2026, 11, 7, 4)] });
    const wrong = backups.previewSchedule(context, caller, { schedule: { cron: 'now and then' }, timeZone: 'UTC', count: 2 });
    await assert.rejects(wrong, refused('invalid-argument', 'schedule'));
  });

  test('a retention policy is previewed on the snapshots of one storage server, its cap where somebody measures', async () => {
    await using world = await open();
    const { context, caller } = world;
    const { id, config } = await addBackup(world);
    const storageServerId = String(config.storageServerIds[0]);
    const dayMs = 24 * hourMs;
    const snapshots = [0.5, 1, 400, 3000].map((days, index) => ({
      snapshotId: String(index).repeat(64),
      timeMs: nowMs(world.clock) - days * dayMs,
      tags: [`backup=${id}`],
    }));
    await control.snapshots.adopt(context, caller, { storageServerId, listedMs: 0, snapshots });
    const input = { id, storageServerId };
    const rules = async (measure?: (server: string, order: readonly string[]) => Promise<number[]>): Promise<string[]> =>
      (await backups.previewRetention(context, caller, input, measure)).map(({ keep, rule }) => `${keep ? 'keep' : 'remove'} ${rule}`);
    assert.deepEqual(await rules(), ['keep all', 'keep all', 'keep yearly 2025', 'remove expired']);
    const huge = async (_: string, order: readonly string[]): Promise<number[]> => order.map(() => 4000 * 1_048_576);
    assert.deepEqual(await rules(huge), ['keep all', 'remove cap', 'remove cap', 'remove expired']);
    const stored = await control.snapshots.list(context, caller, { limit: 10 });
    assert.equal(stored.items.length, 4, 'a preview changes nothing');
    const oldest = String(stored.items.at(-1)?.id);
    await control.snapshots.pin(context, caller, { id: oldest, pinned: true });
    assert.equal((await rules()).at(-1), 'keep pinned');
    const other = { id, storageServerId: newId(context) };
    await assert.rejects(backups.previewRetention(context, caller, other), refused('not-found', undefined));
  });
});
