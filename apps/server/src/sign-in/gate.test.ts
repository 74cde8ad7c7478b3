import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Gate } from './gate.ts';

test('a gate lets two through at a time, all in the end, and failures free their place', async () => {
  const gate = new Gate(2);
  let inside = 0;
  let most = 0;
  const results = await Promise.allSettled(
    Array.from({ length: 9 }, (_, index) =>
      gate.run(async () => {
        most = Math.max(most, ++inside);
        await delay(2);
        inside--;
        if (index % 3 === 0) throw new Error('no');
        return index;
      }),
    ),
  );
  assert.equal(most, 2);
  assert.equal(inside, 0);
  assert.equal(results.filter((each) => each.status === 'fulfilled').length, 6);
});
