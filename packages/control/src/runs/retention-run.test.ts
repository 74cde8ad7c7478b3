import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { BackupConfig, RunPlan } from '@holdfast/contract';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { end, FakeExecutor } from '../../../../test/support/fake-executor.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { newId } from '../new-id.ts';
import { nowMs } from '../now-ms.ts';
import { ClockWatch } from '../scheduler/clock-watch.ts';
import { claimRun } from './claim-run.ts';
import { finishRun } from './finish-run.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { insertRun } from './insert-run.ts';
import { RunControl } from './run-control.ts';
import { RunRecorder } from './run-recorder.ts';
import type { ClaimedRun } from './run-row.ts';
import { type Verdict, verdict } from './verdict.ts';

const dayMs = 24 * 3_600_000;

/** A backup on one storage server with a snapshot for each of the last days, the newest one an hour old. */
class Kept {
  readonly world: ControlWorld;
  readonly executor: FakeExecutor;
  readonly watch: ClockWatch;
  monotonic = 0;
  server = '';
  backupId = '';

  constructor(world: ControlWorld) {
    this.world = world;
    this.executor = new FakeExecutor(() => nowMs(world.clock));
    this.watch = new ClockWatch(world.database, world.clock, () => this.monotonic);
  }

  async fill(days: number, retention: Partial<BackupConfig['retention']> = {}): Promise<void> {
    this.server = await addStorageServer(this.world.context, 'Disk');
    const config = { retention } as Partial<BackupConfig>;
    this.backupId = await addBackup(this.world.context, 'Data', [this.server], config);
    for (let day = days - 1; day >= 0; day--) await this.add(nowMs(this.world.clock) - day * dayMs - 3_600_000);
    await this.watch.look();
  }

  async add(timeMs: number, how: { backupId?: string; complete?: boolean; outcome?: string; bytes?: number } = {}): Promise<string> {
    const { context, database } = this.world;
    const backupId = how.backupId ?? this.backupId;
    const runId = String(await insertRun(context, database.tables, { kind: 'backup', title: 'Data', trigger: 'schedule', backupId }));
    const outcome = how.outcome ?? 'succeeded';
    await database.tables.updateTable('run').set({ state: 'ended', outcome, ended_ms: timeMs }).where('id', '=', runId).execute();
    const snapshotId = createHash('sha256').update(runId).digest('hex');
    const snapshot = {
      id: newId(context),
      snapshot_id: snapshotId,
      storage_server_id: this.server,
      backup_id: backupId,
      run_id: runId,
      time_ms: timeMs,
      files: 1,
      bytes: how.bytes ?? 10,
      added_bytes: 10,
      complete: how.complete === false ? 0 : 1,
      pinned: 0,
    };
    if (outcome !== 'failed') {
      await database.tables.insertInto('snapshot').values(snapshot).execute();
      this.executor.snapshots(this.server).add(snapshotId);
    }
    return snapshotId;
  }

  async pass(): Promise<Verdict> {
    const { context } = this.world;
    const { backupId, server: storageServerId } = this;
    await insertRun(context, context.database.tables, {
      kind: 'retention',
      title: 'Data',
      trigger: 'after-backup',
      backupId,
      storageServerId,
    });
    const options = { limits: { perStorageServer: 2, perHost: 4 }, leaseMs: 30_000 };
    const run = (await claimRun(context, { host: 'host', name: 'one' }, options)) as ClaimedRun;
    const tools = { context, executor: this.executor, control: new RunControl(), recorder: new RunRecorder(context, run), graceMs: 100 };
    const { evidence, ...findings } = await gatherEvidence(tools, run);
    const result = verdict(evidence);
    assert.ok(await finishRun(context, run, result, findings));
    return result;
  }

  get stored(): number {
    return this.executor.snapshots(this.server).size;
  }

  async recorded(): Promise<number> {
    return (await this.world.database.tables.selectFrom('snapshot').select('id').where('backup_id', '=', this.backupId).execute()).length;
  }

  plans(kind: RunPlan['kind']): RunPlan[] {
    return this.executor.plans.filter((plan) => plan.kind === kind);
  }
}

const week = {
  keep_all_backups_for_days: 7,
  keep_daily_backups_for_days: 0,
  keep_weekly_backups_for_weeks: 0,
  keep_monthly_backups_for_months: 0,
  keep_yearly_backups_for_years: 0,
  delete_oldest_backups_when_using_more_megabytes_than: null,
};

withDatabases('retention', ({ open }) => {
  test('F48: what the policy does not keep is removed by explicit ids, and another backup on the same storage server is not touched', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(20, week);
    const other = await addBackup(world.context, 'Other', [kept.server]);
    const foreign = await kept.add(nowMs(world.clock) - 400 * dayMs, { backupId: other });
    const stranger = 'e'.repeat(64);
    kept.executor.snapshots(kept.server).add(stranger);
    const { outcome } = await kept.pass();
    assert.equal(outcome, 'succeeded');
    assert.equal(await kept.recorded(), 7);
    assert.equal(kept.stored, 9);
    assert.ok(kept.executor.snapshots(kept.server).has(foreign) && kept.executor.snapshots(kept.server).has(stranger));
    const [forget] = kept.plans('forget');
    assert.ok(forget?.kind === 'forget' && forget.snapshotIds.length === 13);
  });

  test('where all stay nothing is asked of the storage server', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(5, week);
    assert.equal((await kept.pass()).outcome, 'succeeded');
    assert.deepEqual(kept.executor.plans, []);
  });

  test('F44, F45: after a run that failed, or left something out, nothing is removed however old it is', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(20, week);
    await kept.add(nowMs(world.clock), { outcome: 'failed' });
    const failed = await kept.pass();
    assert.deepEqual([failed.outcome, failed.error?.code], ['failed', 'retention-in-doubt']);
    await kept.add(nowMs(world.clock) + 1, { outcome: 'partial', complete: false });
    assert.equal((await kept.pass()).outcome, 'failed');
    assert.equal(kept.stored, 21);
    assert.deepEqual(kept.executor.plans, []);
  });

  test('F44: a storage server that cannot be listed is not thinned', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(20, week);
    const bad = [
      async () => end(undefined, 1),
      async (plan: RunPlan) => end({ ...kept.executor.report(plan), ended: false } as never),
      async (plan: RunPlan) => end(kept.executor.report(plan), 1),
      async (plan: RunPlan) => end({ ...kept.executor.report(plan), present: [] } as never),
    ];
    for (const act of bad) {
      kept.executor.acts.set('Data', act);
      assert.equal((await kept.pass()).outcome, 'failed');
      assert.deepEqual(kept.plans('forget'), []);
      assert.equal(await kept.recorded(), 20);
    }
  });

  test('F10: only what is proven to be gone leaves the records', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(10, week);
    kept.executor.acts.set('Data', async (plan) => {
      const report = kept.executor.report(plan);
      if (report.kind !== 'forget') return end(report);
      const [first = '', ...rest] = report.removed;
      kept.executor.snapshots(kept.server).add(first);
      return end({ ...report, removed: [first, ...rest], remaining: [...report.remaining, first] });
    });
    assert.equal((await kept.pass()).outcome, 'partial');
    assert.equal(await kept.recorded(), 8);
    assert.equal(kept.stored, 8);
  });

  test('snapshots that another program removed do not stand for those that are there', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(10, { ...week, keep_all_backups_for_days: 0, keep_daily_backups_for_days: 3 });
    const rows = await world.database.tables.selectFrom('snapshot').selectAll().orderBy('time_ms').execute();
    kept.executor.snapshots(kept.server).delete(String(rows.at(-2)?.snapshot_id));
    assert.equal((await kept.pass()).outcome, 'succeeded');
    assert.equal(await kept.recorded(), kept.stored);
  });

  test('F50: a snapshot from the future stops the removal', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(20, week);
    await kept.add(nowMs(world.clock) + 3_600_000);
    const result = await kept.pass();
    assert.equal(result.error?.code, 'retention-in-doubt');
    assert.match(result.error?.message ?? '', /future/);
    assert.equal(kept.stored, 21);
  });

  for (const [name, jumpMs] of [
    ['an hour back', -3_600_000],
    ['an hour forward', 3_600_000],
    ['a day back', -dayMs],
    ['a day forward', dayMs],
    ['ten years forward', 3_650 * dayMs],
    ['ten years back', -3_650 * dayMs],
  ] as const) {
    test(`F51: a clock that jumps ${name} removes nothing, seen or not yet seen by the watch; a day later it goes on`, async () => {
      await using world = await open();
      const kept = new Kept(world);
      await kept.fill(20, week);
      world.clock.advance(jumpMs);
      kept.monotonic += 1_000;
      assert.equal((await kept.pass()).error?.code, 'retention-in-doubt');
      await kept.watch.look();
      await kept.add(nowMs(world.clock));
      assert.equal((await kept.pass()).error?.code, 'retention-in-doubt');
      assert.equal(kept.stored, 21);
      for (let hour = 0; hour < 25; hour++) {
        world.clock.advance(3_600_000);
        kept.monotonic += 3_600_000;
        await kept.watch.look();
      }
      if (jumpMs < 0) return;
      await kept.add(nowMs(world.clock));
      assert.equal((await kept.pass()).outcome, 'succeeded');
    });
  }

  test('the cap is applied by what is measured, and nothing is measured where it cannot be reached', async () => {
    await using world = await open();
    const kept = new Kept(world);
    await kept.fill(3, { ...week, delete_oldest_backups_when_using_more_megabytes_than: 10 });
    assert.equal((await kept.pass()).outcome, 'succeeded');
    assert.deepEqual(kept.executor.plans, []);
    await kept.add(nowMs(world.clock), { bytes: 30 * 1_048_576 });
    kept.executor.growthBytes = 4 * 1_048_576;
    assert.equal((await kept.pass()).outcome, 'succeeded');
    assert.equal(kept.stored, 2);
    assert.equal(await kept.recorded(), 2);
  });
});
