import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlContext, control, insertRun, nowMs } from '@holdfast/control';
import { CodedError } from '@holdfast/kernel';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { LazyVaults } from './lazy-vaults.ts';
import { refreshStorageServer } from './refresh-storage-server.ts';
import { StorageWatch, type StorageWatchOptions } from './storage-watch.ts';

const minuteMs = 60_000;
const caller = { actor: 'tester', requestId: '1' };

interface Watched {
  readonly watch: StorageWatch;
  readonly looked: string[];
  readonly faults: unknown[];
  most: number;
}

/** A watch whose looks only note the time, unless a test has something else for one. */
function watched(
  world: ControlWorld,
  acts: Readonly<Record<string, () => Promise<void>>> = {},
  options: Partial<StorageWatchOptions> = {},
): Watched {
  const { context } = world;
  let working = 0;
  const looked: string[] = [];
  const faults: unknown[] = [];
  const watch = new StorageWatch(context, {
    look: async (id) => {
      looked.push(id);
      it.most = Math.max(it.most, ++working);
      try {
        await (acts[id] ?? (async () => undefined))();
        await control.storageServers.recordStatus(context, caller, { id, status: { reachable: true, checkedMs: nowMs(context.clock) } });
      } finally {
        working--;
      }
    },
    onFault: (fault) => faults.push(fault),
    ...options,
  });
  const it: Watched = { watch, looked, faults, most: 0 };
  return it;
}

async function endedBackup({ context }: ControlWorld, backupId: string, storageServerId: string): Promise<void> {
  const { tables } = context.database;
  const id = String(await insertRun(context, tables, { kind: 'backup', title: 'Data', trigger: 'person', backupId }));
  const ended = {
    state: 'ended',
    outcome: 'failed',
    ended_ms: nowMs(context.clock),
    request: JSON.stringify({ storageServerIds: [storageServerId] }),
  };
  await tables.updateTable('run').set(ended).where('id', '=', id).execute();
}

async function statusOf(context: ControlContext, id: string) {
  return (await control.storageServers.get(context, caller, { id })).status;
}

withDatabases('the watch over storage servers', ({ open }) => {
  test('each is looked at every half an hour, spread over it, the oldest first and two at a time', async () => {
    await using world = await open();
    const ids: string[] = [];
    for (let index = 0; index < 45; index++) ids.push(await addStorageServer(world.context, `Disk ${index}`));
    const it = watched(world);
    assert.deepEqual(await it.watch.turn(), [], 'not all at once when Holdfast starts');
    const perTurn: number[] = [];
    for (let minute = 0; minute < 30; minute++) {
      world.clock.advance(minuteMs);
      perTurn.push((await it.watch.turn()).length);
    }
    assert.ok(perTurn.every((count) => count <= 2));
    assert.deepEqual(it.looked.toSorted(), ids.toSorted());
    assert.equal(it.most, 2);
    it.looked.length = 0;
    for (let minute = 0; minute < 30; minute++) {
      world.clock.advance(minuteMs);
      await it.watch.turn();
    }
    assert.deepEqual(it.looked.toSorted(), ids.toSorted());
    assert.deepEqual(it.faults, []);
  });

  test('after a run that changed it one is looked at, once, and never while a run works there', async () => {
    await using world = await open();
    const { context, clock } = world;
    const [disk, other] = [await addStorageServer(context, 'Disk'), await addStorageServer(context, 'Other')];
    const backupId = await addBackup(context, 'Data', [disk]);
    const it = watched(world, {}, { everyMs: 1e15 });
    clock.advance(10);
    await endedBackup(world, backupId, disk);
    const { tables } = context.database;
    const check = { kind: 'check', title: 'Disk', trigger: 'person', storageServerId: disk } as const;
    const runId = String(await insertRun(context, tables, check));
    await tables.updateTable('run').set({ state: 'running' }).where('id', '=', runId).execute();
    assert.deepEqual(await it.watch.turn(), []);
    clock.advance(10);
    await tables
      .updateTable('run')
      .set({ state: 'ended', outcome: 'succeeded', ended_ms: nowMs(context.clock) })
      .where('id', '=', runId)
      .execute();
    assert.deepEqual(await it.watch.turn(), [disk]);
    clock.advance(10 * minuteMs);
    assert.deepEqual(await it.watch.turn(), []);
    assert.ok(!it.looked.includes(other));
    await endedBackup(world, backupId, disk);
    assert.deepEqual(await it.watch.turn(), [disk]);
    clock.advance(1_000);
    await endedBackup(world, backupId, disk);
    assert.deepEqual(await it.watch.turn(), [], 'it was looked at a second ago');
    clock.advance(minuteMs);
    assert.deepEqual(await it.watch.turn(), [disk]);
  });

  test('a defect is told, one that is gone is not, and one that hangs keeps no other waiting and is shown as silent', async () => {
    await using world = await open();
    const { context, clock } = world;
    const ids: string[] = [];
    for (const name of ['Broken', 'Gone', 'Hangs', 'Well']) ids.push(await addStorageServer(context, name));
    const [broken = '', gone = '', hangs = '', well = ''] = ids;
    const defect = new Error('a defect');
    const acts = {
      [broken]: async () => await Promise.reject(defect),
      [gone]: async () => await Promise.reject(new CodedError({ code: 'not-found', message: 'It was removed' })),
      [hangs]: async () => await new Promise<void>(() => undefined),
    };
    const it = watched(world, acts, { everyMs: minuteMs, limitMs: 20_000 });
    clock.advance(minuteMs);
    const turn = it.watch.turn();
    while ((await statusOf(context, well)).reachable !== true || it.looked.length < 4)
      await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(it.faults, [defect]);
    clock.advance(20_000);
    await turn;
    const { reachable, error } = await statusOf(context, hangs);
    assert.deepEqual([reachable, error?.code], [false, 'storage-unreachable']);
    clock.advance(2 * minuteMs);
    assert.ok(!(await it.watch.turn()).includes(hangs), 'not while the look before it has not come back');
  });

  test('it works by itself: by its clock, and when a run has ended', async () => {
    await using world = await open();
    const { context, clock } = world;
    const disk = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [disk]);
    const it = watched(world);
    const passes = async (ms: number, count: number): Promise<void> => {
      for (let tries = 0; tries < 500 && it.looked.length < count; tries++) {
        clock.advance(ms);
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      assert.equal(it.looked.length, count);
    };
    await using _watch = it.watch;
    it.watch.start();
    await passes(10_000, 1);
    clock.advance(90_000);
    await endedBackup(world, backupId, disk);
    context.changes.publish({ noun: 'run', id: '1' });
    await passes(10, 2);
  });

  test('what is wrong with a storage server is in its status: no repository, a password that does not open, snapshots that cannot be read', async () => {
    await using world = await open();
    const { context } = world;
    await using vaults = new LazyVaults();
    const services = { control: context, vaults, clock: context.clock };
    const { signal } = new AbortController();
    const disk = await addStorageServer(context, 'nowhere at all');
    const missing = await refreshStorageServer(services, caller, disk, signal);
    assert.deepEqual([missing.status.reachable, missing.status.error?.code], [false, 'repository-missing']);
    const seen = { reachable: true, usedBytes: 1, freeBytes: 2, snapshots: 3, latencyMs: 4, error: null };
    const damaged = new CodedError({ code: 'file-damaged', message: 'A snapshot is damaged' });
    const reader = { status: async () => seen, snapshots: async () => await Promise.reject(damaged) };
    const fake = { reader: async () => reader } as unknown as LazyVaults;
    const { status } = await refreshStorageServer({ ...services, vaults: fake }, caller, disk, signal);
    assert.deepEqual([status.reachable, status.usedBytes, status.error?.code], [true, 1, 'file-damaged']);
    assert.equal(status.checkedMs, nowMs(context.clock));
    await context.database.tables.updateTable('storage_server').set({ password: 'sealed by another key' }).execute();
    const sealed = await refreshStorageServer(services, caller, disk, signal);
    assert.deepEqual([sealed.status.reachable, sealed.status.error?.code], [false, 'secret-unreadable']);
    await assert.rejects(refreshStorageServer(services, caller, '0'.repeat(32), signal), { code: 'not-found' });
    await assert.rejects(refreshStorageServer(services, caller, disk, AbortSignal.abort()), { name: 'AbortError' });
  });
});
