import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import { nowMs } from '../now-ms.ts';
import { claimRun } from './claim-run.ts';
import { DeadRunWatch } from './dead-run-watch.ts';
import { renewLease } from './hold-lease.ts';
import { insertRun } from './insert-run.ts';

withDatabases('the watch over dead runs', ({ open }) => {
  test('F43 kill-manager: the runs of the last worker end though no worker is left, and one that lives goes on', async () => {
    await using world = await open();
    const context = { ...world.context, clock: systemClock };
    const { tables } = world.database;
    const servers = [await addStorageServer(context, 'Disk')];
    for (const name of ['Dead', 'Alive']) {
      const backupId = await addBackup(context, name, servers, { retries: { times: 1, pauseMinutes: 1 } });
      await insertRun(context, tables, { kind: 'backup', title: name, trigger: 'person', backupId });
    }
    const options = { limits: { perStorageServer: 2, perHost: 4 }, leaseMs: 30 };
    const dead = await claimRun(context, { host: 'a', name: '1' }, options);
    const alive = await claimRun(context, { host: 'b', name: '2' }, { ...options, leaseMs: 60_000 });
    assert.ok(dead !== undefined && alive !== undefined);
    const faults: unknown[] = [];
    // A minute in each look: what is watched for a quarter of one is dead.
    let monotonic = 0;
    await using watch = new DeadRunWatch(context, {
      onFault: (fault) => faults.push(fault),
      everyMs: 40,
      monotonicMs: () => (monotonic += 20_000),
    });
    watch.start();
    for (let tries = 0; tries < 200; tries++) {
      await renewLease(context, alive, 60_000 + tries);
      const row = await tables.selectFrom('run').select('state').where('id', '=', dead.id).executeTakeFirstOrThrow();
      if (row.state === 'ended') break;
      await systemClock.sleep(20);
    }
    const rows = await tables.selectFrom('run').select(['title', 'state', 'outcome', 'trigger', 'not_before_ms']).orderBy('id').execute();
    assert.deepEqual(
      rows.map(({ title, state, outcome, trigger }) => [title, state, outcome, trigger]),
      [
        ['Dead', 'ended', 'interrupted', 'person'],
        ['Alive', 'running', null, 'person'],
        ['Dead', 'queued', null, 'retry'],
      ],
    );
    assert.ok(Number(rows[2]?.not_before_ms) <= nowMs(systemClock), 'it is tried again at once');
    assert.deepEqual(faults, []);
  });
});
