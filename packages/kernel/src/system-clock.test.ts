import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from './system-clock.ts';

test('the system clock counts nanoseconds since 1970', () => {
  const beforeMs = Date.now();
  const nowMs = Number(systemClock.nowNs() / 1_000_000n);
  assert.ok(nowMs >= beforeMs - 1 && nowMs <= Date.now() + 1);
});

test('the system clock sleeps, and an abort ends the sleep with its reason', async () => {
  const start = performance.now();
  await systemClock.sleep(20);
  assert.ok(performance.now() - start >= 19);
  const controller = new AbortController();
  const reason = new Error('enough');
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
});
