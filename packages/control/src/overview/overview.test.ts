import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import { nowMs } from '../now-ms.ts';
import { insertRun } from '../runs/insert-run.ts';
import { runDays } from './run-days.ts';

const hourMs = 3_600_000;

async function addRun({ context }: ControlWorld, outcome: string, kind: 'backup' | 'check' = 'backup'): Promise<void> {
  const id = String(await insertRun(context, context.database.tables, { kind, title: 'x', trigger: 'schedule' }));
  const ended = { state: 'ended', outcome, ended_ms: nowMs(context.clock) };
  await context.database.tables.updateTable('run').set(ended).where('id', '=', id).execute();
}

withDatabases('the overview', ({ open }) => {
  test('an empty one, and one with runs', async () => {
    await using world = await open();
    const { context, caller } = world;
    const empty = await control.overview.get(context, caller);
    assert.deepEqual([empty.running, empty.recent, empty.storageServers, empty.days.length], [[], [], 0, 30]);
    await addRun(world, 'succeeded');
    world.clock.advance(1000);
    await addRun(world, 'failed', 'check');
    const { recent } = await control.overview.get(context, caller);
    assert.deepEqual(
      recent.map(({ kind }) => kind),
      ['check', 'backup'],
    );
  });

  test('runs are counted on their day in the zone, also when days go by and again after they were counted', async () => {
    await using world = await open();
    const { context, clock } = world;
    const zone = 'Asia/Kathmandu';
    for (const outcome of ['succeeded', 'succeeded', 'partial', 'failed', 'interrupted', 'missed', 'cancelled']) {
      await addRun(world, outcome);
      await addRun(world, outcome, 'check');
      clock.advance(5 * hourMs);
    }
    const expected = [
      { day: '2026-11-25', succeeded: 2, partial: 0, failed: 0, missed: 0 },
      { day: '2026-11-26', succeeded: 0, partial: 1, failed: 2, missed: 1 },
    ];
    const today = (): Temporal.PlainDate => Temporal.Instant.fromEpochMilliseconds(nowMs(clock)).toZonedDateTimeISO(zone).toPlainDate();
    const filled = async (): Promise<unknown> =>
      (await runDays(context.database, today(), zone)).filter(
        ({ succeeded, partial, failed, missed }) => succeeded + partial + failed + missed > 0,
      );
    for (let round = 0; round < 8; round++) {
      assert.deepEqual(await filled(), expected);
      clock.advance(24 * hourMs);
    }
    clock.advance(30 * 24 * hourMs);
    assert.deepEqual(await filled(), []);
  });
});
