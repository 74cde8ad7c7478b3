import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { withDatabases } from '../../../../test/support/with-databases.ts';
import { backupConfigOf } from './backup-config-of.ts';
import { findRun } from './find-run.ts';
import { insertRun } from './insert-run.ts';
import { leastBytes } from './least-bytes.ts';

withDatabases('how much a backup has to hold', ({ open }) => {
  test('a share of the newest success with the same configuration', async () => {
    await using world = await open();
    const { context, clock } = world;
    const { tables } = context.database;
    const backupId = await addBackup(context, 'Home', [await addStorageServer(context, 'Disk')], {});
    const run = async (version: number): Promise<Awaited<ReturnType<typeof findRun>>> => {
      const id = String(await insertRun(context, tables, { kind: 'backup', title: 'Home', trigger: 'person', backupId }));
      await tables.updateTable('run').set({ config_version: version }).where('id', '=', id).execute();
      return await findRun(tables, id);
    };
    const ended = async (outcome: string, bytes: number, version = 1): Promise<void> => {
      clock.advance(1000);
      const { id } = await run(version);
      const ended_ms = Number(clock.nowNs() / 1_000_000n);
      await tables.updateTable('run').set({ state: 'ended', outcome, bytes, ended_ms }).where('id', '=', id).execute();
    };
    const config = await backupConfigOf(tables, backupId, 1);
    const least = async (version = 1, shrinkLimitPercent: number | null = 50): Promise<number> =>
      await leastBytes(tables, await run(version), { ...config, shrinkLimitPercent });
    assert.equal(config.shrinkLimitPercent, 50);
    assert.equal(await least(), 0);
    await ended('succeeded', 5_000_001);
    assert.equal(await least(), 2_500_001);
    assert.deepEqual([await least(1, 90), await least(1, null), await least(2)], [500_001, 0, 0]);
    await ended('partial', 1_000);
    assert.equal(await least(), 2_500_001, 'what shrank is no measure for the next');
    await ended('succeeded', 9_000_000, 2);
    assert.deepEqual([await least(1), await least(2)], [2_500_001, 4_500_000]);
    await ended('succeeded', 1_000_000);
    assert.equal(await least(), 0, 'small ones may shrink');
  });
});
