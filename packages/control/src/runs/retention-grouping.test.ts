import assert from 'node:assert/strict';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { mock, test } from 'node:test';
import { BackupPlan, ForgetPlan } from '@holdfast/contract';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { end, FakeExecutor } from '../../../../test/support/fake-executor.ts';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import { workOff } from '../../../../test/support/work-off.ts';
import { control } from '../control.ts';
import { nowMs } from '../now-ms.ts';
import { ClockWatch } from '../scheduler/clock-watch.ts';

const dayMs = 24 * 3_600_000;
const week = {
  keep_all_backups_for_days: 7,
  keep_daily_backups_for_days: 0,
  keep_weekly_backups_for_weeks: 0,
  keep_monthly_backups_for_months: 0,
  keep_yearly_backups_for_years: 0,
  delete_oldest_backups_when_using_more_megabytes_than: null,
  representative: 'latest' as const,
};

function pathsOf(day: number): string[] {
  return [`/var/lib/docker/volumes/${day}/_data`, `/srv/${'x'.repeat(day + 1)}`];
}

withDatabases('what a snapshot belongs to', ({ open }) => {
  test('F47 recreate-container: the container, its name and the paths change each day, and the policy goes on as if nothing had; nothing else is removed', async () => {
    await using world = await open();
    const { caller, clock } = world;
    const executor = new FakeExecutor(() => nowMs(clock));
    const server = await addStorageServer(world.context, 'Disk');
    const backupId = await addBackup(world.context, 'Data', [server], { retention: week });
    // It has the very paths that the first one has on the fourth day.
    const twin = { driver: 'files' as const, excludes: [], excludeCaches: false, oneFileSystem: false, excludeLargerThanBytes: null };
    const otherId = await addBackup(world.context, 'Other', [server], { retention: week, source: { ...twin, paths: pathsOf(3) } });
    const strangers = ['e'.repeat(64), 'd'.repeat(64)];
    for (const id of strangers) executor.snapshots(server).add(id);
    let day = 0;
    const renamed = mock.method(os, 'hostname', () => `container-${day}`);
    syncBuiltinESMExports();
    try {
      for (; day < 20; day++) {
        // Each day Holdfast is another process on another machine, which has the database and nothing else.
        await using database = await world.openAgain();
        const context = { ...world.context, database };
        await new ClockWatch(database, clock, () => 0).look();
        const { config, version } = await control.backups.get(context, caller, { id: backupId });
        const changed = { ...config, name: `Data ${day}`, source: { ...config.source, paths: pathsOf(day) } };
        await control.backups.update(context, caller, { id: backupId, version, config: changed });
        if (day === 0) await control.backups.run(context, caller, { id: otherId });
        await control.backups.run(context, caller, { id: backupId });
        const outcomes = await workOff(context, executor);
        assert.deepEqual([...new Set(outcomes)].sort(), ['backup succeeded', 'retention succeeded']);
        clock.advance(dayMs);
      }
    } finally {
      renamed.mock.restore();
      syncBuiltinESMExports();
    }
    assert.ok(renamed.mock.callCount() >= 20);
    const plans = executor.plans.flatMap((plan) => (plan.kind === 'backup' ? [BackupPlan.parse(plan)] : []));
    assert.equal(new Set(plans.map(({ source }) => JSON.stringify(source))).size, 20);
    assert.deepEqual([...new Set(plans.map(({ hostname }) => hostname))], ['container-0']);
    const tags = new Set(plans.map((plan) => plan.tags.join(' ')));
    assert.deepEqual(tags, new Set([`holdfast backup=${backupId}`, `holdfast backup=${otherId}`]));

    const rows = await world.database.tables.selectFrom('snapshot').selectAll().orderBy('time_ms').execute();
    const own = rows.filter(({ backup_id }) => backup_id === backupId);
    const now = nowMs(clock) - dayMs;
    assert.deepEqual(
      own.map(({ time_ms }) => (now - time_ms) / dayMs),
      [6, 5, 4, 3, 2, 1, 0],
    );
    const others = rows.filter(({ backup_id }) => backup_id === otherId);
    assert.equal(others.length, 1);
    const expected = [...own, ...others].map(({ snapshot_id }) => snapshot_id);
    assert.deepEqual(new Set(executor.snapshots(server)), new Set([...expected, ...strangers]));
    const forgotten = executor.plans.flatMap((plan) => (plan.kind === 'forget' ? ForgetPlan.parse(plan).snapshotIds : []));
    assert.equal(forgotten.length, 13);
    assert.ok(forgotten.every((id) => !strangers.includes(id) && !others.some((row) => row.snapshot_id === id)));
  });

  test("F45 a snapshot that somebody found before its run ended is that run's all the same, and not whole if the run left something out", async () => {
    await using world = await open();
    const { context, caller, clock } = world;
    const executor = new FakeExecutor(() => nowMs(clock));
    const storageServerId = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [storageServerId]);
    executor.acts.set('Data', async (plan) => {
      const report = executor.report(plan);
      assert.ok(report.kind === 'backup');
      const snapshotId = String(report.destinations[0]?.snapshotId);
      const found = { snapshotId, timeMs: nowMs(clock), tags: ['holdfast', `backup=${backupId}`] };
      await control.snapshots.adopt(context, caller, { storageServerId, listedMs: nowMs(clock), snapshots: [found] });
      return end({ ...report, itemsLeftOut: 1, itemCount: 1 });
    });
    const { id } = await control.backups.run(context, caller, { id: backupId });
    assert.deepEqual(await workOff(context, executor), ['backup partial']);
    const [row, ...more] = await world.database.tables.selectFrom('snapshot').selectAll().execute();
    assert.deepEqual([row?.run_id, row?.backup_id, row?.complete, row?.files, more], [id, backupId, 0, 1, []]);
  });
});
