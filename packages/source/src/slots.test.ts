import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';

test('never more at once than there are slots, and all in the end, in order', async () => {
  const slots = new Slots(2);
  const order: number[] = [];
  let busy = 0;
  await Promise.all(
    Array.from({ length: 20 }, async (_, at) => {
      using _slot = await slots.take();
      busy += 1;
      assert.ok(busy <= 2);
      order.push(at);
      await new Promise((resolve) => setImmediate(resolve));
      busy -= 1;
    }),
  );
  assert.deepEqual(
    order,
    Array.from({ length: 20 }, (_, at) => at),
  );
});

test('an abort leaves the queue and takes nothing with it; giving back twice gives back once', async () => {
  const slots = new Slots(1);
  const first = await slots.take();
  const aborted = new AbortController();
  const waiting = slots.take(aborted.signal);
  const next = slots.take();
  aborted.abort(new Error('enough'));
  await assert.rejects(waiting, { message: 'enough' });
  await assert.rejects(slots.take(aborted.signal), { message: 'enough' });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const second = await next;
  let third: Disposable | undefined;
  const taking = slots.take().then((slot) => {
    third = slot;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(third, undefined);
  second[Symbol.dispose]();
  await taking;
});
