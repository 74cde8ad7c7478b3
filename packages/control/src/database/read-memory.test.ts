import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api } from '@holdfast/contract';
import fc from 'fast-check';
import { z } from 'zod';
import { addBackup, addStorageServer } from '../../../../test/support/control-records.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { control } from '../control.ts';
import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { insertRun } from '../runs/insert-run.ts';
import type { Database, Tables } from './database.ts';
import { ReadMemory } from './read-memory.ts';
import { VersionCache } from './version-cache.ts';

const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? '15');

test('it reads again when the mark or the variant is another, and after a failure', async () => {
  let mark = 'a';
  let reads = 0;
  const memory = new ReadMemory(async () => mark);
  const read = async (variant?: string): Promise<number> => await memory.read('key', async () => ++reads, variant);
  assert.deepEqual([await read(), await read(), await read('x'), await read('x')], [1, 1, 2, 2]);
  mark = 'b';
  assert.deepEqual([await read('x'), await read('x')], [3, 3]);
  mark = 'c';
  await assert.rejects(
    memory.read('key', async () => await Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await read(), 4);
});

test('what changes while it reads makes the next one read again', async () => {
  let value = 1;
  const memory = new ReadMemory(async () => String(value));
  const first = await memory.read('key', async () => {
    const seen = value;
    value = 2;
    return seen;
  });
  assert.deepEqual([first, await memory.read('key', async () => value)], [1, 2]);
});

/** Something that may happen, to the backup or the run of that number. */
interface Deed {
  readonly kind: 'add backup' | 'add run' | 'end run' | 'remove run' | 'pause' | 'change' | 'status' | 'snapshot' | 'wait' | 'nothing';
  readonly number: number;
  /** By whom: this database, a transaction of it, one that is undone, or another process. */
  readonly by: 'itself' | 'transaction' | 'undone' | 'other';
}

const deeds = fc.array(
  fc.record<Deed>({
    kind: fc.constantFrom('add backup', 'add run', 'end run', 'remove run', 'pause', 'change', 'status', 'snapshot', 'wait', 'nothing'),
    number: fc.nat(1000),
    by: fc.constantFrom('itself', 'transaction', 'undone', 'other'),
  }),
  { minLength: 5, maxLength: 25 },
);

async function idOf(tables: Tables, table: 'backup' | 'run' | 'storage_server', number: number): Promise<string | undefined> {
  const rows = await tables.selectFrom(table).select('id').orderBy('id').execute();
  return rows[number % Math.max(rows.length, 1)]?.id;
}

/** Does it with these tables, as the verbs would. */
async function happen(world: ControlWorld, tables: Tables, { kind, number }: Deed): Promise<void> {
  const context = { ...world.context, database: { ...world.database, tables: tables as Database['tables'] } };
  const now = nowMs(world.clock);
  const server = (await idOf(tables, 'storage_server', number)) ?? '';
  const backup = await idOf(tables, 'backup', number);
  const run = await idOf(tables, 'run', number);
  if (kind === 'wait') world.clock.advance(number * 1_000_000);
  if (kind === 'add backup') await addBackup(context, `Backup ${await count(tables)}`, [server], { schedule: { hours: [number % 24] } });
  if (backup !== undefined && kind === 'add run') {
    await insertRun(context, tables, { kind: number % 2 === 0 ? 'backup' : 'check', title: 'x', trigger: 'person', backupId: backup });
  }
  if (run !== undefined && kind === 'end run') {
    const outcome = ['succeeded', 'partial', 'failed', 'cancelled', 'missed'][number % 5] ?? 'failed';
    // One that has ended never changes again.
    const ended = { state: 'ended', outcome, ended_ms: now };
    await tables.updateTable('run').set(ended).where('id', '=', run).where('state', '!=', 'ended').execute();
  }
  if (run !== undefined && kind === 'remove run') await tables.deleteFrom('run').where('id', '=', run).execute();
  if (backup !== undefined && kind === 'pause') {
    await tables
      .updateTable('backup')
      .set({ paused: number % 2, failures_in_row: number % 3 })
      .where('id', '=', backup)
      .execute();
  }
  if (backup !== undefined && kind === 'change') {
    const { version } = await tables.selectFrom('backup').select('version').where('id', '=', backup).executeTakeFirstOrThrow();
    const old = await tables.selectFrom('backup_version').selectAll().where('backup_id', '=', backup).executeTakeFirstOrThrow();
    const config = JSON.stringify({ ...JSON.parse(old.config), notifySuccess: number % 2 === 0 });
    await tables
      .insertInto('backup_version')
      .values({ ...old, version: version + 1, config, changed_ms: now })
      .execute();
    await tables
      .updateTable('backup')
      .set({ version: version + 1 })
      .where('id', '=', backup)
      .execute();
  }
  if (kind === 'status') {
    const { status } = await tables.selectFrom('storage_server').select('status').where('id', '=', server).executeTakeFirstOrThrow();
    const changed = JSON.stringify({ ...JSON.parse(status), usedBytes: number, lastCheckedWholeMs: now });
    await tables.updateTable('storage_server').set({ status: changed }).where('id', '=', server).execute();
  }
  if (backup !== undefined && kind === 'snapshot') {
    const snapshot = { snapshot_id: `${now} ${number}`, storage_server_id: server, backup_id: backup, run_id: null, time_ms: now };
    const id = (await idOf(tables, 'run', number)) ?? backup;
    const figures = { files: 1, bytes: 1, added_bytes: 1, complete: 1, pinned: 0 };
    await tables
      .insertInto('snapshot')
      .values({ id: `${id}${now}${number}`, ...snapshot, ...figures })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

async function count(tables: Tables): Promise<number> {
  return (await tables.selectFrom('backup').select('id').execute()).length;
}

async function doIt(world: ControlWorld, other: Database, deed: Deed): Promise<void> {
  const { database } = world;
  if (deed.by === 'itself') return await happen(world, database.tables, deed);
  if (deed.by === 'other') return await happen(world, other.tables, deed);
  const undone = new Error('undone');
  try {
    await database.transaction(async (tables) => {
      await happen(world, tables, deed);
      if (deed.by === 'undone') throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
}

/** The same database, remembering nothing. */
function fresh(context: ControlContext): ControlContext {
  let mark = 0;
  const reads = new ReadMemory(async () => String(mark++));
  return { ...context, database: { ...context.database, versions: new VersionCache(), reads } };
}

async function answers(context: ControlContext, { caller }: ControlWorld): Promise<unknown> {
  return {
    backups: await control.backups.list(context, caller),
    overview: await control.overview.get(context, caller),
    servers: await control.storageServers.list(context, caller),
  };
}

/** What each of the answers has to be, by the contract. The server does not check lists each time. */
const promised = z.strictObject({
  backups: api.backups.list['~orpc'].outputSchema ?? z.never(),
  overview: api.overview.get['~orpc'].outputSchema ?? z.never(),
  servers: api.storageServers.list['~orpc'].outputSchema ?? z.never(),
});

withDatabases('what is remembered of the database', ({ open }) => {
  test('answers are what they would be if nothing were remembered, whatever happens and whoever does it', async () => {
    await fc.assert(
      fc.asyncProperty(deeds, async (list) => {
        await using world = await open();
        await using other = await world.openAgain();
        for (const name of ['Disk', 'Tape']) await addStorageServer(world.context, name);
        for (const deed of list) {
          await doIt(world, other, deed);
          const known = await answers(world.context, world);
          assert.deepEqual(known, await answers(fresh(world.context), world));
          assert.deepEqual(await answers(world.context, world), known);
          assert.deepEqual(promised.parse(known), known);
        }
      }),
      { numRuns },
    );
  });
});
