import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { forEachBounded } from './for-each-bounded.ts';

test('every item is worked on once, started in order, never more at once than the limit', async () => {
  const numRuns = Number(process.env['HOLDFAST_FC_RUNS'] ?? 50);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(3), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), fc.boolean(), async (turns, limit, slowly) => {
      const started: number[] = [];
      const ended: number[] = [];
      let running = 0;
      let most = 0;
      async function* later(): AsyncGenerator<number> {
        for (const item of turns.keys()) {
          await turn();
          yield item;
        }
      }
      await forEachBounded(slowly ? later() : turns.keys(), limit, async (item) => {
        started.push(item);
        running++;
        most = Math.max(most, running);
        for (let left = turns[item] ?? 0; left > 0; left--) await turn();
        running--;
        ended.push(item);
      });
      assert.deepEqual(started, [...turns.keys()]);
      assert.equal(ended.length, turns.length);
      assert.ok(most <= limit, `${most} at once, limit ${limit}`);
      if (!slowly && turns.length >= limit && turns.every((count) => count > 0)) assert.equal(most, limit);
    }),
    { numRuns },
  );
});

test('the first failure stops new starts, waits for what runs and is thrown', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const first = new Error('first');
  const work = async (item: number): Promise<void> => {
    started.push(item);
    await turn();
    if (item === 1) throw first;
    await turn();
    await turn();
    ended.push(item);
    if (item === 0) throw new Error('second');
  };
  await assert.rejects(forEachBounded([0, 1, 2, 3, 4, 5], 2, work), first);
  assert.deepEqual(started, [0, 1]);
  assert.deepEqual(ended, [0]);
});

test('work that throws before it returns a promise is a failure like any other', async () => {
  const failure = new Error('at once');
  const work = (): Promise<void> => {
    throw failure;
  };
  await assert.rejects(forEachBounded([1], 1, work), failure);
});

test('a source of items that fails is thrown after what runs has ended, and a source left early is closed', async () => {
  let ended = false;
  const broken = new Error('broken source');
  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw broken;
  }
  const work = async (): Promise<void> => {
    await turn();
    await turn();
    ended = true;
  };
  await assert.rejects(forEachBounded(failing(), 2, work), broken);
  assert.ok(ended);

  let closed = false;
  async function* endless(): AsyncGenerator<number> {
    try {
      for (let item = 0; ; item++) yield item;
    } finally {
      closed = true;
    }
  }
  const fail = async (): Promise<void> => {
    throw broken;
  };
  await assert.rejects(forEachBounded(endless(), 2, fail), broken);
  assert.ok(closed);
});

test('an abort stops new starts, waits for what runs and is thrown with its reason', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  const started: number[] = [];
  const ended: number[] = [];
  const work = async (item: number): Promise<void> => {
    started.push(item);
    if (item === 2) controller.abort(reason);
    await turn();
    ended.push(item);
  };
  await assert.rejects(forEachBounded([1, 2, 3, 4], 2, work, controller.signal), reason);
  assert.deepEqual(started, [1, 2]);
  assert.deepEqual(ended, [1, 2]);
  await assert.rejects(forEachBounded([], 1, work, controller.signal), reason);
});

test('a failure is thrown rather than the abort that it caused', async () => {
  const controller = new AbortController();
  const failure = new Error('the cause');
  const work = async (): Promise<void> => {
    controller.abort(new Error('the consequence'));
    throw failure;
  };
  await assert.rejects(forEachBounded([1, 2], 1, work, controller.signal), failure);
});
