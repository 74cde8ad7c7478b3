import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Source } from '@holdfast/contract';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { nowMs } from '../now-ms.ts';
import { insertRun, type NewRun } from '../runs/insert-run.ts';
import { readBackup } from './backup-view.ts';

const filesAt = (paths: readonly string[]): Source => Source.parse({ driver: 'files', paths });

const dayMs = 24 * 3_600_000;

async function addRun({ context }: ControlWorld, backupId: string, outcome: string, changes: Partial<NewRun> = {}): Promise<string> {
  const { tables } = context.database;
  const id = String(await insertRun(context, tables, { kind: 'backup', title: 'x', trigger: 'schedule', backupId, ...changes }));
  const ended = { state: 'ended', outcome, ended_ms: nowMs(context.clock) };
  await tables.updateTable('run').set(ended).where('id', '=', id).execute();
  return id;
}

withDatabases('the view of backups', ({ open }) => {
  test('a long list has the definition and the newest runs of each backup, now and when they change', async () => {
    await using world = await open();
    const { context, caller } = world;
    const server = await addStorageServer(context, 'Disk');
    const ids: string[] = [];
    const lastRuns: string[] = [];
    const named = (index: number): string => `Backup ${String(index).padStart(3, '0')}`;
    for (let index = 0; index < 60; index++) {
      ids.push(await addBackup(context, named(index), [server]));
      world.clock.advance(1);
      if (index % 2 === 0) await addRun(world, ids[index] ?? '', 'failed');
      world.clock.advance(1);
      lastRuns.push(await addRun(world, ids[index] ?? '', 'cancelled'));
    }
    for (let round = 0; round < 2; round++) {
      const list = await control.backups.list(context, caller);
      assert.deepEqual(
        list.map(({ id, config, lastRun, health }) => [id, config.name, lastRun?.id, health]),
        ids.map((id, index) => [id, named(index), lastRuns[index], index % 2 === 0 ? 'failing' : 'new']),
      );
    }
    world.clock.advance(1);
    const first = ids[0] ?? '';
    const newer = await addRun(world, first, 'succeeded');
    const { config } = await control.backups.get(context, caller, { id: first });
    await control.backups.update(context, caller, { id: first, config: { ...config, notifySuccess: true }, version: 1 });
    const [changed] = await control.backups.list(context, caller);
    assert.deepEqual([changed?.lastRun?.id, changed?.health, changed?.version, changed?.config.notifySuccess], [newer, 'healthy', 2, true]);
  });

  test('a run is shown as it is until it has ended', async () => {
    await using world = await open();
    const { context, caller } = world;
    const id = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    const run = await control.backups.run(context, caller, { id });
    const shown = async (): Promise<unknown> => {
      const [backup] = await control.backups.list(context, caller);
      return [backup?.lastRun?.state, backup?.lastRun?.outcome];
    };
    assert.deepEqual(await shown(), ['queued', null]);
    await context.database.tables.updateTable('run').set({ state: 'running' }).execute();
    assert.deepEqual(await shown(), ['running', null]);
    await context.database.tables.updateTable('run').set({ state: 'ended', outcome: 'partial' }).where('id', '=', run.id).execute();
    assert.deepEqual(await shown(), ['ended', 'partial']);
  });

  test('what a transaction saw that was undone is not remembered', async () => {
    await using world = await open();
    const { context, caller } = world;
    const id = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    const { config } = await control.backups.get(context, caller, { id });
    const undone = context.database.transaction(async (tables) => {
      await tables.updateTable('backup').set({ version: 2 }).where('id', '=', id).execute();
      const changed = JSON.stringify({ ...config, notifySuccess: true });
      await tables
        .insertInto('backup_version')
        .values({ backup_id: id, version: 2, config: changed, changed_ms: 1, changed_by: 'x' })
        .execute();
      assert.equal((await readBackup(context, tables, id)).config.notifySuccess, true);
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    const paths = ['/elsewhere'];
    await control.backups.update(context, caller, { id, config: { ...config, source: filesAt(paths) }, version: 1 });
    const now = await control.backups.get(context, caller, { id });
    assert.deepEqual([now.version, now.config.notifySuccess, now.config.source], [2, false, filesAt(paths)]);
  });

  test('only a restore that was read back shows that a backup can be read', async () => {
    await using world = await open();
    const { context, caller } = world;
    const id = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    world.clock.advance(40 * dayMs);
    await addRun(world, id, 'succeeded');
    const health = async (): Promise<string> => (await control.backups.get(context, caller, { id })).health;
    await addRun(world, id, 'succeeded', { kind: 'restore', request: { verify: false, dryRun: false } });
    await addRun(world, id, 'succeeded', { kind: 'restore', request: { verify: true, dryRun: true } });
    assert.equal(await health(), 'unproven');
    await addRun(world, id, 'succeeded', { kind: 'restore', request: { verify: true, dryRun: false } });
    assert.equal(await health(), 'healthy');
  });
});
