import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { addBackup, addStorageServer, enableTelegram } from '../../../../test/support/control-records.ts';
import { end, FakeExecutor, never, progress, untilStopped } from '../../../../test/support/fake-executor.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { cancelRun } from './cancel-run.ts';
import { getRun } from './get-run.ts';
import { InProcessWaker } from './in-process-waker.ts';
import { insertRun } from './insert-run.ts';
import { listRuns } from './list-runs.ts';
import { readRunLog } from './read-run-log.ts';
import { RunDispatcher, type RunDispatcherOptions } from './run-dispatcher.ts';
import { startMaintenance } from './start-maintenance.ts';
import { startRestore } from './start-restore.ts';

const times = { leaseMs: 3_000, renewMs: 100, flushMs: 30, graceMs: 300 };
const caller = { actor: 'tester', requestId: '1' };

interface Work extends AsyncDisposable {
  readonly context: ControlContext;
  readonly executor: FakeExecutor;
  readonly dispatcher: RunDispatcher;
  readonly faults: unknown[];
}

function work(world: ControlWorld, changes: Partial<RunDispatcherOptions> = {}): Work {
  const context = { ...world.context, clock: systemClock };
  const executor = new FakeExecutor(() => nowMs(systemClock));
  const waker = new InProcessWaker(systemClock);
  const faults: unknown[] = [];
  const dispatcher = new RunDispatcher(context, {
    executor,
    waker,
    worker: { host: 'host', name: 'one' },
    onFault: (fault) => faults.push(fault),
    monotonicMs: () => performance.now(),
    times,
    pollMs: 30,
    ...changes,
  });
  return { context, executor, dispatcher, faults, [Symbol.asyncDispose]: async () => await dispatcher.stop(0) };
}

async function queue(context: ControlContext, title: string, backupId: string): Promise<string> {
  return String(await insertRun(context, context.database.tables, { kind: 'backup', title, trigger: 'person', backupId }));
}

async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await what()) return;
    await systemClock.sleep(20);
  }
  assert.fail('it did not come to be');
}

async function outcome(context: ControlContext, id: string): Promise<string | null> {
  return (await getRun(context, caller, { id })).outcome;
}

async function ended(context: ControlContext, id: string): Promise<string | null> {
  await until(async () => (await getRun(context, caller, { id })).state === 'ended');
  return await outcome(context, id);
}

async function notices(context: ControlContext): Promise<string[]> {
  const rows = await context.database.tables.selectFrom('notice').select('body').orderBy('id').execute();
  return rows.map(({ body }) => JSON.parse(body).event);
}

withDatabases('the worker', ({ open }) => {
  test('a backup runs, leaves its report, log and snapshots, and retention follows on each storage server', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, executor, dispatcher } = it;
    const servers = [await addStorageServer(context, 'First'), await addStorageServer(context, 'Second')];
    const backupId = await addBackup(context, 'Data', servers);
    executor.acts.set('Data', async (plan, { onEvent }) => {
      onEvent({ type: 'log', level: 'info', text: 'Reading' });
      onEvent(progress('Reading files'));
      await systemClock.sleep(100);
      return end(executor.report(plan));
    });
    const id = await queue(context, 'Data', backupId);
    dispatcher.start();
    assert.equal(await ended(context, id), 'succeeded');
    const details = await getRun(context, caller, { id });
    assert.equal(details.report?.kind, 'backup');
    assert.equal(details.config?.name, 'Data');
    assert.deepEqual([details.files, details.bytes, details.addedBytes, details.reasons], [1, 10, 10, []]);
    assert.deepEqual(
      (await readRunLog(context, caller, { id, afterSeq: -1, limit: 10 })).map(({ seq, text }) => [seq, text]),
      [[0, 'Reading']],
    );
    const snapshots = await context.database.tables.selectFrom('snapshot').selectAll().execute();
    assert.deepEqual(new Set(snapshots.map((row) => row.storage_server_id)), new Set(servers));
    assert.ok(snapshots.every((row) => row.complete === 1 && row.run_id === id && row.backup_id === backupId));
    const plan = executor.plans[0];
    assert.ok(plan?.kind === 'backup');
    assert.deepEqual(plan.tags, ['holdfast', `backup=${backupId}`]);
    assert.deepEqual(
      plan.destinations.map(({ password }) => password),
      ['password of First', 'password of Second'],
    );
    const retention = await listRuns(context, caller, { limit: 10, kind: 'retention' });
    assert.equal(retention.items.length, 2);
    assert.deepEqual(it.faults, []);
  });

  test('F56: each way in which a run can end badly is told once, and so is that it goes well again', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, executor, dispatcher } = it;
    await enableTelegram(context);
    const server = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [server]);
    dispatcher.start();
    const failing = [
      async () => end(undefined, 1),
      async () => ({ exit: { code: null, signal: 'SIGKILL' }, report: undefined, stderrTail: 'Killed' }),
      async () => await Promise.reject(new Error('no process could be started')),
      async (plan: Parameters<FakeExecutor['report']>[0]) => {
        const report = executor.report(plan);
        assert.ok(report.kind === 'backup');
        return end({ ...report, itemsLeftOut: 1 });
      },
    ];
    const outcomes: (string | null)[] = [];
    for (const act of failing) {
      executor.acts.set('Data', act);
      outcomes.push(await ended(context, await queue(context, 'Data', backupId)));
    }
    executor.acts.clear();
    outcomes.push(await ended(context, await queue(context, 'Data', backupId)));
    outcomes.push(await ended(context, await queue(context, 'Data', backupId)));
    assert.deepEqual(outcomes, ['failed', 'failed', 'failed', 'partial', 'succeeded', 'succeeded']);
    // Retention is in doubt here, as nobody watches the clock: that is told too.
    const told = (await context.database.tables.selectFrom('notice').select('body').orderBy('id').execute()).map(({ body }) =>
      JSON.parse(body),
    );
    assert.deepEqual(
      told.filter(({ runKind }) => runKind === 'backup').map(({ event }) => event),
      ['failed', 'failed', 'failed', 'warning', 'recovered'],
    );
  });

  test('a backup that fails is tried again after its pause, and people are told when no try is left', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, executor, dispatcher } = it;
    await enableTelegram(context);
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')], {
      retries: { times: 1, pauseMinutes: 3 },
    });
    executor.acts.set('Data', async () => end(undefined, 1));
    dispatcher.start();
    assert.equal(await ended(context, await queue(context, 'Data', backupId)), 'failed');
    assert.deepEqual(await notices(context), []);
    const { tables } = context.database;
    const retry = await tables.selectFrom('run').selectAll().where('state', '=', 'queued').executeTakeFirstOrThrow();
    assert.equal(retry.attempt, 2);
    assert.ok(Math.abs(retry.not_before_ms - nowMs(systemClock) - 180_000) < 10_000);
    await tables.updateTable('run').set({ not_before_ms: 0 }).where('id', '=', retry.id).execute();
    assert.equal(await ended(context, retry.id), 'failed');
    assert.deepEqual(await notices(context), ['failed']);
    assert.equal((await tables.selectFrom('backup').select('failures_in_row').executeTakeFirstOrThrow()).failures_in_row, 1);
  });

  test('one run that hangs blocks no other; it is cancelled here at once and from another process within moments', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, executor, dispatcher } = it;
    const server = await addStorageServer(context, 'Disk');
    executor.acts.set('Stuck', untilStopped);
    executor.acts.set('Dead', never);
    const [stuck, dead] = [
      await queue(context, 'Stuck', await addBackup(context, 'Stuck', [server])),
      await queue(context, 'Dead', await addBackup(context, 'Dead', [await addStorageServer(context, 'Second')])),
    ];
    dispatcher.start();
    await until(() => dispatcher.running.length === 2);
    const others = [];
    for (let index = 0; index < 3; index++) others.push(await queue(context, 'Good', await addBackup(context, `Good ${index}`, [server])));
    for (const id of others) assert.equal(await ended(context, id), 'succeeded');
    await cancelRun(context, caller, { id: stuck });
    assert.equal(await ended(context, stuck), 'cancelled');
    assert.equal(dispatcher.cancel(dead), true);
    assert.equal(await ended(context, dead), 'cancelled');
    await assert.rejects(cancelRun(context, caller, { id: dead }), { code: 'conflict' });
  });

  test('a run that is cancelled before it begins ends at once', async () => {
    await using world = await open();
    const { context } = world;
    const id = await queue(context, 'Data', await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]));
    await cancelRun(context, caller, { id });
    const { outcome: how, reasons } = await getRun(context, caller, { id });
    assert.deepEqual([how, reasons], ['cancelled', ['It was cancelled by tester before it began.']]);
  });

  test('when Holdfast stops, runs may end; what does not is interrupted and queued again', async () => {
    await using world = await open();
    const it = work(world);
    const { context, executor, dispatcher } = it;
    const retries = { times: 2, pauseMinutes: 1 };
    executor.acts.set('Slow', async (plan) => {
      await systemClock.sleep(150);
      return end(executor.report(plan));
    });
    executor.acts.set('Stuck', untilStopped);
    const slow = await queue(context, 'Slow', await addBackup(context, 'Slow', [await addStorageServer(context, 'First')]));
    const stuck = await queue(
      context,
      'Stuck',
      await addBackup(context, 'Stuck', [await addStorageServer(context, 'Second')], { retries }),
    );
    dispatcher.start();
    await until(() => dispatcher.running.length === 2);
    await dispatcher.stop(1_000);
    assert.equal(await outcome(context, slow), 'succeeded');
    assert.equal(await outcome(context, stuck), 'interrupted');
    const again = await listRuns(context, caller, { limit: 10, state: 'queued', kind: 'backup' });
    assert.deepEqual(
      again.items.map(({ title, trigger, attempt }) => [title, trigger, attempt]),
      [['Stuck', 'retry', 2]],
    );
  });

  test('a worker whose run was given to another stops it and writes nothing', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, executor, dispatcher } = it;
    executor.acts.set('Data', untilStopped);
    const id = await queue(context, 'Data', await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]));
    dispatcher.start();
    await until(() => dispatcher.running.length === 1);
    await context.database.tables.updateTable('run').set({ fence: 7 }).where('id', '=', id).execute();
    await until(() => dispatcher.running.length === 0);
    const row = await context.database.tables.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    assert.deepEqual([row.state, row.outcome, row.fence], ['running', null, 7]);
  });

  test('a run whose backup was removed ends with a reason', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, dispatcher } = it;
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    const id = await queue(context, 'Data', backupId);
    await context.database.tables.deleteFrom('backup').where('id', '=', backupId).execute();
    dispatcher.start();
    assert.equal(await ended(context, id), 'failed');
    assert.equal((await getRun(context, caller, { id })).error?.code, 'not-found');
  });

  test('checks, prunes and restores are runs like others, and a check proves its storage server whole', async () => {
    await using world = await open();
    await using it = work(world);
    const { context, dispatcher } = it;
    const storageServerId = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [storageServerId]);
    dispatcher.start();
    assert.equal(await ended(context, await queue(context, 'Data', backupId)), 'succeeded');
    const { tables } = context.database;
    const snapshot = await tables.selectFrom('snapshot').select('id').executeTakeFirstOrThrow();
    const restore = {
      storedSnapshotId: snapshot.id,
      paths: [],
      chain: [],
      target: '/tmp/x',
      overwrite: 'never',
      verify: true,
      dryRun: false,
    } as const;
    const started = [
      await startMaintenance(context, caller, { kind: 'check', storageServerId, readDataPercent: 100 }),
      await startMaintenance(context, caller, { kind: 'prune', storageServerId }),
      await startRestore(context, caller, restore),
    ];
    for (const { id } of started) assert.equal(await ended(context, id), 'succeeded');
    const { status } = await tables.selectFrom('storage_server').select('status').executeTakeFirstOrThrow();
    assert.ok(JSON.parse(status).lastCheckedWholeMs > 0 && JSON.parse(status).lastReadDataMs > 0);
    const audit = await tables.selectFrom('audit').select('verb').orderBy('id').execute();
    assert.deepEqual(
      audit.map(({ verb }) => verb),
      ['runs.check', 'runs.prune', 'runs.restore'],
    );
  });

  test('a time limit stops a run, which has failed by it', async () => {
    await using world = await open();
    await using it = work(world, { times: { ...times, graceMs: 50 } });
    const { context, executor, dispatcher } = it;
    // Sixty seconds are the shortest limit: time goes a thousand times as fast for the limit only.
    const hurried = {
      ...context,
      clock: {
        ...systemClock,
        sleep: async (ms: number, signal?: AbortSignal) => await systemClock.sleep(ms >= 60_000 ? ms / 1_000 : ms, signal),
      },
    };
    const waker = new InProcessWaker(systemClock);
    const worker = { host: 'host', name: 'two' };
    await using second = new RunDispatcher(hurried, {
      executor,
      waker,
      worker,
      onFault: () => undefined,
      monotonicMs: () => performance.now(),
      times,
      pollMs: 30,
    });
    executor.acts.set('Data', never);
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')], { timeLimitMinutes: 1 });
    const id = await queue(context, 'Data', backupId);
    second.start();
    assert.equal(await ended(context, id), 'failed');
    assert.equal((await getRun(context, caller, { id })).error?.code, 'time-limit');
    assert.equal(dispatcher.running.length, 0);
  });
});
