import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Notice } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { enableTelegram } from '../../../../test/support/control-records.ts';
import { type ControlWorld, withDatabases } from '../../../../test/support/with-databases.ts';
import { nowMs } from '../now-ms.ts';
import { type Deliver, NoticePump } from './notice-pump.ts';
import { writeNotice } from './write-notice.ts';

const minuteMs = 60_000;

function notice(world: ControlWorld, title: string): Omit<Notice, 'id'> {
  return {
    event: 'failed',
    atMs: nowMs(world.clock),
    timeZone: 'UTC',
    title,
    backupId: null,
    runId: null,
    runKind: 'backup',
    destinations: [],
    files: null,
    bytes: null,
    addedBytes: null,
    durationMs: null,
    itemCount: 0,
    missedCount: 0,
    nextRunMs: null,
    error: null,
    link: null,
  };
}

async function write(world: ControlWorld, title: string, onceFor?: string): Promise<void> {
  await world.database.transaction(async (tables) => await writeNotice(world.context, tables, notice(world, title), onceFor));
}

function pump(world: ControlWorld, telegram: Deliver): NoticePump {
  const onFault = (error: unknown): void => {
    throw error;
  };
  return new NoticePump(world.context, { senders: { telegram }, onFault });
}

async function states(world: ControlWorld): Promise<string[]> {
  const rows = await world.database.tables.selectFrom('notice').select(['state', 'attempts']).orderBy('id').execute();
  return rows.map(({ state, attempts }) => `${state} ${attempts}`);
}

function refusal(retry: 'temporary' | 'permanent', context: Record<string, number> = {}): CodedError {
  return new CodedError({ code: 'internal', message: 'Not now', retry, context });
}

withDatabases('the outbox', ({ open }) => {
  test('without a sender in use nothing is written', async () => {
    await using world = await open();
    await write(world, 'Data');
    assert.deepEqual(await states(world), []);
  });

  test('F56: each notice arrives once, also with several pumps', async () => {
    await using world = await open();
    await enableTelegram(world.context);
    for (let index = 0; index < 20; index++) await write(world, `Data ${index}`);
    await write(world, 'Once', 'the same');
    await write(world, 'Once', 'the same');
    const arrived: string[] = [];
    const pumps = [1, 2, 3].map(() => pump(world, async ({ title }) => void arrived.push(title)));
    await Promise.all(pumps.map(async (each) => await each.drain()));
    assert.equal(arrived.length, 21);
    assert.equal(new Set(arrived).size, 21);
    assert.ok((await states(world)).every((state) => state === 'delivered 1'));
  });

  test('F56: it arrives after an hour of outage and a restart, and what the receiver asks for is waited for', async () => {
    await using world = await open();
    await enableTelegram(world.context);
    await write(world, 'Data');
    const arrived: string[] = [];
    let isDown = true;
    const deliver: Deliver = async ({ title }) => {
      if (isDown) throw refusal('temporary', { retryAfterMs: 5 * minuteMs });
      arrived.push(title);
    };
    let tries = 0;
    for (let minute = 0; minute < 60; minute++) {
      tries += await pump(world, deliver).drain();
      world.clock.advance(minuteMs);
    }
    assert.ok(tries > 4 && tries <= 12, `${tries} tries`);
    isDown = false;
    for (let minute = 0; minute < 60; minute++) {
      await pump(world, deliver).drain();
      world.clock.advance(minuteMs);
    }
    assert.deepEqual(arrived, ['Data']);
  });

  test('a pause that the receiver asks for is kept by all notices, and is not made longer by an outage before it', async () => {
    await using world = await open();
    await enableTelegram(world.context);
    for (let index = 0; index < 5; index++) await write(world, `Data ${index}`);
    let error: CodedError | undefined = refusal('temporary');
    const arrived: string[] = [];
    let calls = 0;
    const it = pump(world, async ({ title }) => {
      calls++;
      if (error !== undefined) throw error;
      arrived.push(title);
    });
    for (let minute = 0; minute < 180; minute++) {
      await it.drain();
      world.clock.advance(minuteMs);
    }
    calls = 0;
    error = refusal('temporary', { retryAfterMs: 90_000 });
    while (calls === 0) {
      await it.drain();
      world.clock.advance(1_000);
    }
    assert.equal(calls, 1, 'the others were not even tried');
    error = undefined;
    world.clock.advance(80_000);
    await it.drain();
    assert.deepEqual(arrived, []);
    world.clock.advance(10_000);
    await it.drain();
    assert.equal(arrived.length, 5);
  });

  test('what can never be delivered, or not within a day, is seen to have failed', async () => {
    await using world = await open();
    await enableTelegram(world.context);
    await write(world, 'Refused');
    await pump(world, async () => await Promise.reject(refusal('permanent'))).drain();
    assert.deepEqual(await states(world), ['failed 1']);
    await write(world, 'Late');
    for (let step = 0; step < 60; step++) {
      await pump(world, async () => await Promise.reject(refusal('temporary'))).drain();
      world.clock.advance(30 * minuteMs);
    }
    const row = await world.database.tables.selectFrom('notice').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow();
    assert.deepEqual([row.state, row.error, row.next_attempt_ms], ['failed', 'Not now', null]);
  });

  test('a notice whose pump died is taken up after its lease', async () => {
    await using world = await open();
    await enableTelegram(world.context);
    await write(world, 'Data');
    const dead = pump(world, async () => await new Promise<void>(() => undefined));
    void dead.drain();
    while ((await states(world))[0] !== 'waiting 1') await new Promise((resolve) => setImmediate(resolve));
    const arrived: string[] = [];
    const alive = pump(world, async ({ title }) => void arrived.push(title));
    await alive.drain();
    assert.deepEqual(arrived, []);
    world.clock.advance(61_000);
    await alive.drain();
    assert.deepEqual(arrived, ['Data']);
    assert.deepEqual(await states(world), ['delivered 2']);
  });
});
