import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import type { ControlContext } from '../control-context.ts';
import { claimRun } from './claim-run.ts';
import { finishRun } from './finish-run.ts';
import { renewLease } from './hold-lease.ts';
import { insertRun } from './insert-run.ts';
import { RunReaper, reapDeadRuns } from './run-reaper.ts';
import type { ClaimedRun } from './run-row.ts';
import { verdict } from './verdict.ts';
import { backupEvidence } from './verdict-evidence.ts';

const worker = { host: 'host', name: 'one' };
const options = { limits: { perStorageServer: 2, perHost: 4 }, leaseMs: 30_000 };

async function queueBackup(context: ControlContext, backupId: string, fireMs?: number): Promise<string | undefined> {
  return await insertRun(context, context.database.tables, {
    kind: 'backup',
    title: 'Data',
    trigger: 'person',
    backupId,
    fireMs: fireMs ?? null,
  });
}

async function stateOf(context: ControlContext, id: string): Promise<[string, string | null]> {
  const row = await context.database.tables.selectFrom('run').select(['state', 'outcome']).where('id', '=', id).executeTakeFirstOrThrow();
  return [row.state, row.outcome];
}

withDatabases('the queue of runs', ({ open }) => {
  test('a run of one fire is there once, whoever inserts it', async () => {
    await using world = await open();
    const { context } = world;
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    assert.ok(await queueBackup(context, backupId, 1_000));
    assert.equal(await queueBackup(context, backupId, 1_000), undefined);
    assert.ok(await queueBackup(context, backupId, 2_000));
  });

  test('F59: one run of a backup at a time, and the configuration is that of the claim', async () => {
    await using world = await open();
    const { context } = world;
    const server = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [server]);
    await queueBackup(context, backupId);
    await queueBackup(context, backupId);
    const run = await claimRun(context, worker, options);
    assert.equal(run?.fence, 1);
    assert.equal(run?.config_version, 1);
    assert.equal(run?.worker, 'host/one');
    assert.deepEqual(JSON.parse(String(run?.request)), { storageServerIds: [server] });
    assert.equal(await claimRun(context, { host: 'other', name: 'two' }, options), undefined);
  });

  test('limits of storage servers and hosts hold over workers that claim at the same time', async () => {
    await using world = await open();
    const { context } = world;
    for (let index = 0; index < 5; index++) {
      const server = await addStorageServer(context, `Disk ${index}`);
      for (let each = 0; each < 4; each++) await queueBackup(context, await addBackup(context, `Data ${index} ${each}`, [server]));
    }
    const workers = ['one', 'two', 'three'].flatMap((host) => [1, 2, 3, 4, 5].map((name) => ({ host, name: String(name) })));
    const claimed = (await Promise.all(workers.map(async (each) => await claimRun(context, each, options)))).filter(
      (run) => run !== undefined,
    );
    assert.equal(new Set(claimed.map(({ id }) => id)).size, claimed.length);
    assert.equal(claimed.length, 10);
    for (const host of ['one', 'two', 'three']) {
      assert.ok(claimed.filter((run) => run.worker?.startsWith(`${host}/`)).length <= 4);
    }
  });

  test('a run that must wait is not claimed before its time', async () => {
    await using world = await open();
    const { context } = world;
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    const now = Date.UTC(2026, 10, 25, 12);
    const run = { kind: 'backup', title: 'Data', trigger: 'retry', backupId, notBeforeMs: now + 60_000 } as const;
    await insertRun(context, context.database.tables, run);
    assert.equal(await claimRun(context, worker, options), undefined);
    world.clock.advance(60_000);
    assert.ok(await claimRun(context, worker, options));
  });

  test('a thousand runs that must wait do not hide one that can start', async () => {
    await using world = await open();
    const { context } = world;
    const [busy, free] = [await addStorageServer(context, 'Busy'), await addStorageServer(context, 'Free')];
    const { tables } = context.database;
    const every = { kind: 'prune', title: 'Busy', trigger: 'person', storageServerId: busy } as const;
    await insertRun(context, tables, every);
    assert.ok(await claimRun(context, worker, options));
    await context.database.transaction(async (transaction) => {
      for (let index = 0; index < 1_000; index++) await insertRun(context, transaction, every);
    });
    world.clock.advance(1);
    const id = await insertRun(context, tables, { ...every, storageServerId: free });
    assert.equal((await claimRun(context, worker, options))?.id, id);
  });

  test('F43: the run of a worker that is gone becomes interrupted and is tried again; the worker writes nothing any more', async () => {
    await using world = await open();
    const { context, clock } = world;
    const server = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [server], { retries: { times: 1, pauseMinutes: 1 } });
    await queueBackup(context, backupId);
    const run = (await claimRun(context, worker, options)) as ClaimedRun;
    let monotonic = 0;
    const reaper = new RunReaper(context, { monotonicMs: () => monotonic });
    const pass = (ms: number): void => {
      clock.advance(ms);
      monotonic += ms;
    };
    for (let step = 0; step < 5; step++) {
      pass(10_000);
      assert.deepEqual(await renewLease(context, run, 30_000), { isOurs: true, cancelRequested: false });
      assert.deepEqual(await reaper.reap(), []);
    }
    let passed = 0;
    while ((await reaper.reap()).length === 0) {
      pass(5_000);
      passed += 5_000;
    }
    assert.ok(passed > 30_000 && passed <= 60_000, `${passed} ms`);
    assert.deepEqual(await stateOf(context, run.id), ['ended', 'interrupted']);
    assert.deepEqual(await renewLease(context, run, 30_000), { isOurs: false, cancelRequested: false });
    assert.equal(await finishRun(context, run, verdict({ ...backupEvidence(), runId: run.id }), { report: undefined }), false);
    const next = await claimRun(context, worker, options);
    assert.equal(next?.attempt, 2);
    assert.equal(next?.trigger, 'retry');
  });

  test('F51: a clock that jumps kills no run that lives, and one that was set back does not let the dead live', async () => {
    await using world = await open();
    const { context, clock } = world;
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    await queueBackup(context, backupId);
    const run = (await claimRun(context, worker, options)) as ClaimedRun;
    let monotonic = 0;
    const reaper = new RunReaper(context, { monotonicMs: () => monotonic });
    await reaper.reap();
    clock.advance(2 * 24 * 3_600_000);
    monotonic += 5_000;
    assert.deepEqual(await reaper.reap(), []);
    await renewLease(context, run, 30_000);
    assert.deepEqual(await reaper.reap(), []);
    clock.advance(-2 * 24 * 3_600_000);
    monotonic += 60_000;
    assert.deepEqual(await reaper.reap(), []);
    monotonic += 31_000;
    assert.deepEqual(await reaper.reap(), [run.id]);
  });

  test('F43: at the start of the only process all that runs is dead', async () => {
    await using world = await open();
    const { context } = world;
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    await queueBackup(context, backupId);
    const run = (await claimRun(context, worker, options)) as ClaimedRun;
    assert.deepEqual(await reapDeadRuns(context, (name) => name !== 'host/two'), [run.id]);
    assert.deepEqual(await stateOf(context, run.id), ['ended', 'interrupted']);
  });
});
