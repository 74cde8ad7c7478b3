import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addBackup, addStorageServer, enableTelegram } from '../../../../test/support/control-records.ts';
import { SeededRandom } from '../../../../test/support/seeded-random.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { nowMs } from '../now-ms.ts';
import { InProcessWaker } from '../runs/in-process-waker.ts';
import { insertRun } from '../runs/insert-run.ts';
import type { RunRow } from '../runs/run-row.ts';
import { Scheduler } from './scheduler.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const hourly = { schedule: { minutes: [0] } };

class Time {
  readonly world: ControlWorld;
  monotonic = 0;

  constructor(world: ControlWorld) {
    this.world = world;
  }

  pass(ms: number): void {
    this.world.clock.advance(ms);
    this.monotonic += ms;
  }

  scheduler(): Scheduler {
    const onFault = (error: unknown): void => {
      throw error;
    };
    return new Scheduler(this.world.context, { waker: new InProcessWaker(this.world.clock), onFault, monotonicMs: () => this.monotonic });
  }
}

async function runsOf(world: ControlWorld, kind = 'backup'): Promise<RunRow[]> {
  return await world.database.tables.selectFrom('run').selectAll().where('kind', '=', kind).orderBy('id').execute();
}

/** Ends all queued runs, as a worker would that is quick. */
async function workOff(world: ControlWorld): Promise<void> {
  await world.database.tables.updateTable('run').set({ state: 'ended', outcome: 'failed' }).where('state', '=', 'queued').execute();
}

withDatabases('the scheduler', ({ open }) => {
  test('F55: a new backup runs at its first fire without ever having run, and of two schedulers one queues it', async () => {
    await using world = await open();
    const time = new Time(world);
    const backupId = await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
    const schedulers = [time.scheduler(), time.scheduler()];
    for (const each of schedulers) assert.equal(await each.tick(), 0);
    time.pass(60 * minuteMs);
    const changed = await Promise.all(schedulers.map(async (each) => await each.tick()));
    assert.deepEqual(changed.sort(), [0, 1]);
    const [run, ...others] = await runsOf(world);
    assert.equal(others.length, 0);
    assert.deepEqual(
      [run?.backup_id, run?.trigger, run?.state, run?.fire_ms],
      [backupId, 'schedule', 'queued', Date.UTC(2026, 10, 25, 13)],
    );
  });

  test('F59: fires while a run waits or works become one run after it', async () => {
    await using world = await open();
    const time = new Time(world);
    const backupId = await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
    const scheduler = time.scheduler();
    await insertRun(world.context, world.database.tables, { kind: 'backup', title: 'Data', trigger: 'person', backupId });
    await world.database.tables.updateTable('run').set({ state: 'running' }).execute();
    for (let minute = 0; minute < 6 * 60; minute += 1) {
      time.pass(minuteMs);
      await scheduler.tick();
    }
    const runs = await runsOf(world);
    assert.deepEqual(
      runs.map(({ state }) => state),
      ['running', 'queued'],
    );
    assert.equal(runs[1]?.missed_count, 0);
  });

  test('what was missed while nobody was there is one run to catch up, one recorded miss and one notice', async () => {
    await using world = await open();
    const time = new Time(world);
    await enableTelegram(world.context);
    await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
    await time.scheduler().tick();
    time.pass(10 * 60 * minuteMs + 30 * minuteMs);
    await time.scheduler().tick();
    const runs = (await runsOf(world)).sort((a, b) => Number(b.fire_ms) - Number(a.fire_ms));
    const seen = runs.map(({ trigger, outcome, missed_count, fire_ms }) => [trigger, outcome, missed_count, fire_ms]);
    assert.deepEqual(seen, [
      ['catch-up', null, 10, Date.UTC(2026, 10, 25, 22)],
      ['schedule', 'missed', 10, null],
    ]);
    const notices = await world.database.tables.selectFrom('notice').select('body').execute();
    assert.deepEqual(
      notices.map(({ body }) => JSON.parse(body)).map(({ event, missedCount, nextRunMs }) => [event, missedCount, nextRunMs]),
      [['missed', 10, Date.UTC(2026, 10, 25, 23)]],
    );
    await workOff(world);
    for (let minute = 0; minute < 29; minute++) {
      time.pass(minuteMs);
      await time.scheduler().tick();
    }
    assert.equal((await runsOf(world)).length, 2);
  });

  test('a backup that is paused does not fire', async () => {
    await using world = await open();
    const time = new Time(world);
    await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
    await world.database.tables.updateTable('backup').set({ paused: 1 }).execute();
    time.pass(3 * 60 * minuteMs);
    await time.scheduler().tick();
    assert.deepEqual(await runsOf(world), []);
  });

  test('a run that waits to be tried again is the run of a fire that comes before', async () => {
    await using world = await open();
    const time = new Time(world);
    const backupId = await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
    const notBeforeMs = nowMs(world.clock) + dayMs;
    await insertRun(world.context, world.database.tables, { kind: 'backup', title: 'Data', trigger: 'retry', backupId, notBeforeMs });
    time.pass(60 * minuteMs);
    await time.scheduler().tick();
    const runs = await runsOf(world);
    assert.deepEqual(
      runs.map(({ not_before_ms }) => not_before_ms),
      [Date.UTC(2026, 10, 25, 13)],
    );
  });

  test('a run that was due and does not begin is told once as overdue', async () => {
    await using world = await open();
    const time = new Time(world);
    await enableTelegram(world.context);
    await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
    const scheduler = time.scheduler();
    for (let minute = 0; minute < 5 * 60; minute++) {
      time.pass(minuteMs);
      await scheduler.tick();
    }
    const notices = await world.database.tables.selectFrom('notice').select('body').execute();
    assert.deepEqual(
      notices.map(({ body }) => JSON.parse(body).event),
      ['overdue'],
    );
  });

  test('checks and prunes come every so many days since the last good one, and one that failed not again at once', async () => {
    await using world = await open();
    const time = new Time(world);
    await addStorageServer(world.context, 'Disk');
    const scheduler = time.scheduler();
    const counts: number[] = [];
    for (let hour = 0; hour < 24 * 22; hour += 3) {
      await scheduler.tick();
      await world.database.tables
        .updateTable('run')
        .set({ state: 'ended', outcome: hour < 24 * 9 ? 'failed' : 'succeeded', ended_ms: nowMs(world.clock) })
        .where('state', '=', 'queued')
        .execute();
      if (hour % 24 === 0) counts.push((await runsOf(world, 'check')).length);
      time.pass(3 * 60 * minuteMs);
    }
    assert.deepEqual(counts.slice(6, 10), [0, 1, 5, 9]);
    assert.equal((await runsOf(world, 'check')).length, 10);
    assert.equal((await runsOf(world, 'prune')).length, 10);
  });

  test('F51: whatever the clock jumps, no fire has two runs, none comes in storms, and the schedule goes on', async () => {
    const seed = process.env['HOLDFAST_SEED'] ?? String(Date.now());
    const histories = Number(process.env['HOLDFAST_CLOCK_HISTORIES'] ?? 4);
    for (let history = 0; history < histories; history++) {
      const random = new SeededRandom(`${seed} ${history}`);
      await using world = await open();
      const time = new Time(world);
      await addBackup(world.context, 'Data', [await addStorageServer(world.context, 'Disk')], hourly);
      let scheduler = time.scheduler();
      let inserted = 0;
      for (let step = 0; step < 60; step++) {
        const kind = random.below(10);
        if (kind === 0) world.clock.advance((random.below(4 * 24 * 60) - 2 * 24 * 60) * minuteMs);
        else if (kind === 1) scheduler = time.scheduler();
        else time.pass((1 + random.below(30)) * minuteMs);
        await scheduler.tick();
        const runs = await runsOf(world);
        const queued = runs.filter(({ state }) => state === 'queued');
        assert.ok(queued.length <= 1, `seed ${seed} ${history}: a storm`);
        assert.ok(runs.length - inserted <= 2, `seed ${seed} ${history}`);
        inserted = runs.length;
        const fires = runs.flatMap(({ fire_ms }) => (fire_ms === null ? [] : [fire_ms]));
        assert.equal(new Set(fires).size, fires.length, `seed ${seed} ${history}: twice`);
        await workOff(world);
      }
      // Three days on a clock that is right again: every hour has a run, be it one from before.
      for (let hour = 0; hour < 72; hour++) {
        time.pass(60 * minuteMs);
        await scheduler.tick();
        const fireMs = Math.floor(nowMs(world.clock) / (60 * minuteMs)) * 60 * minuteMs;
        const runs = (await runsOf(world)).filter(({ fire_ms }) => fire_ms === fireMs);
        assert.equal(runs.length, 1, `seed ${seed} ${history}: hour ${hour}`);
        await workOff(world);
      }
    }
  });
});
