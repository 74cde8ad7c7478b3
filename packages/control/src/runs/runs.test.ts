import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { progress } from '../../../../test/support/fake-executor.ts';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import { provenMsByBackup } from '../health/proven-ms.ts';
import { claimRun } from './claim-run.ts';
import { followRun } from './follow-run.ts';
import { insertRun } from './insert-run.ts';
import { lastRetentions } from './last-retention.ts';
import { mostLogLines, RunRecorder } from './run-recorder.ts';
import type { ClaimedRun } from './run-row.ts';
import { runs } from './runs.ts';

const options = { limits: { perStorageServer: 2, perHost: 4 }, leaseMs: 30_000 };

withDatabases('the verbs of runs', ({ open }) => {
  test('a list is read page by page, and by what runs are', async () => {
    await using world = await open();
    const { context, caller, database } = world;
    const server = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [server]);
    for (let index = 0; index < 7; index++) {
      await insertRun(context, database.tables, { kind: 'backup', title: `Run ${index}`, trigger: 'person', backupId });
      world.clock.advance(1);
    }
    const check = await runs.startMaintenance(context, caller, { kind: 'check', storageServerId: server });
    assert.equal((await runs.startMaintenance(context, caller, { kind: 'check', storageServerId: server })).id, check.id);
    const seen: string[] = [];
    let after: string | undefined;
    do {
      const page: Awaited<ReturnType<typeof runs.list>> = await runs.list(context, caller, { after, limit: 3, backupId });
      seen.push(...page.items.map(({ title }) => title));
      after = page.next ?? undefined;
    } while (after !== undefined);
    assert.deepEqual(
      seen,
      [6, 5, 4, 3, 2, 1, 0].map((index) => `Run ${index}`),
    );
    assert.equal((await runs.list(context, caller, { limit: 9, storageServerId: server, kind: 'check', state: 'queued' })).items.length, 1);
    assert.equal((await runs.list(context, caller, { limit: 9, outcome: 'failed' })).items.length, 0);
  });

  test('what is not there is said', async () => {
    await using world = await open();
    const { context, caller } = world;
    const id = '0'.repeat(32);
    const restore = { storedSnapshotId: id, paths: [], chain: [], target: '/x', overwrite: 'never', verify: true, dryRun: false } as const;
    await assert.rejects(runs.get(context, caller, { id }), { code: 'not-found' });
    await assert.rejects(runs.cancel(context, caller, { id }), { code: 'not-found' });
    await assert.rejects(runs.startRestore(context, caller, restore), { code: 'not-found' });
    await assert.rejects(runs.startMaintenance(context, caller, { kind: 'prune', storageServerId: id }), { code: 'not-found' });
  });

  test('who follows a run sees its lines and its progress from the beginning, and its end', async () => {
    await using world = await open();
    const { caller } = world;
    const context = { ...world.context, clock: systemClock };
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    await insertRun(context, context.database.tables, { kind: 'backup', title: 'Data', trigger: 'person', backupId });
    const run = (await claimRun(context, { host: 'host', name: 'one' }, options)) as ClaimedRun;
    const recorder = new RunRecorder(context, run);
    recorder.log('info', 'First');
    await recorder.flush();
    const seen: string[] = [];
    for await (const event of followRun(context, run.id, new AbortController().signal)) {
      seen.push(event.type === 'log' ? event.text : event.step);
      if (seen.length === 1) {
        recorder.add(progress('Reading'));
        await recorder.flush();
      }
      if (seen.length === 2) {
        recorder.log('warning', 'Last');
        await recorder.flush();
        await context.database.tables.updateTable('run').set({ state: 'ended', progress: null }).where('id', '=', run.id).execute();
      }
    }
    assert.deepEqual(seen, ['First', 'Reading', 'Last']);
    assert.deepEqual(
      (await runs.log(context, caller, { id: run.id, afterSeq: 0, limit: 10 })).map(({ text }) => text),
      ['Last'],
    );
  });

  test('a log holds so many lines and not more', async () => {
    await using world = await open();
    const { context } = world;
    const backupId = await addBackup(context, 'Data', [await addStorageServer(context, 'Disk')]);
    await insertRun(context, context.database.tables, { kind: 'backup', title: 'Data', trigger: 'person', backupId });
    const recorder = new RunRecorder(context, (await claimRun(context, { host: 'host', name: 'one' }, options)) as ClaimedRun);
    for (let index = 0; index < mostLogLines + 500; index++) recorder.log('info', `Line ${index}`);
    await recorder.flush();
    const rows = await context.database.tables.selectFrom('run_log').select('text').orderBy('seq').execute();
    assert.equal(rows.length, mostLogLines);
    assert.match(rows.at(-1)?.text ?? '', /left out/);
  });

  test('F49: when retention last did its work is seen, and what was proven when', async () => {
    await using world = await open();
    const { context, database } = world;
    const server = await addStorageServer(context, 'Disk');
    const backupId = await addBackup(context, 'Data', [server]);
    const { tables } = database;
    assert.deepEqual(await lastRetentions(tables), []);
    assert.equal((await provenMsByBackup(tables)).size, 0);
    const end = async (kind: 'retention' | 'restore', request: unknown, atMs: number): Promise<void> => {
      const id = String(
        await insertRun(context, tables, { kind, title: 'Data', trigger: 'person', backupId, storageServerId: server, request }),
      );
      await tables.updateTable('run').set({ state: 'ended', outcome: 'succeeded', ended_ms: atMs }).where('id', '=', id).execute();
    };
    await end('retention', {}, 1_000);
    await end('retention', {}, 2_000);
    await end('restore', { verify: true, dryRun: false }, 3_000);
    await end('restore', { verify: false, dryRun: false }, 4_000);
    assert.deepEqual(await lastRetentions(tables, backupId), [{ backupId, storageServerId: server, atMs: 2_000 }]);
    assert.deepEqual([...(await provenMsByBackup(tables))], [[backupId, 3_000]]);
  });
});
