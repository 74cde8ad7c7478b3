import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from './manual-clock.ts';

test('time passes only by advance, to the nanosecond', () => {
  const clock = new ManualClock(10n);
  assert.equal(clock.nowNs(), 10n);
  clock.advance(1.5);
  assert.equal(clock.nowNs(), 1_500_010n);
});

test('advance wakes those whose time has come, and only those', async () => {
  const clock = new ManualClock(0n);
  const woken: string[] = [];
  const short = clock.sleep(10).then(() => woken.push('short'));
  const long = clock.sleep(20).then(() => woken.push('long'));
  clock.advance(9);
  await Promise.resolve();
  assert.deepEqual(woken, []);
  clock.advance(1);
  await short;
  assert.deepEqual(woken, ['short']);
  clock.advance(100);
  await long;
  assert.deepEqual(woken, ['short', 'long']);
});

test('an aborted sleep rejects with the reason, before and while it sleeps', async () => {
  const clock = new ManualClock(0n);
  const reason = new Error('enough');
  await assert.rejects(clock.sleep(1, AbortSignal.abort(reason)), reason);
  const controller = new AbortController();
  const sleeping = clock.sleep(1, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, reason);
});
