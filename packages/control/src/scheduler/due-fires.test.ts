import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dueFires } from './due-fires.ts';

const dayMs = 24 * 3_600_000;
const at = (text: string): number => Date.parse(text);

test('F52: on both days on which clocks change a daily backup has one fire', () => {
  const config = { schedule: { hours: [2], minutes: [30] }, timeZone: 'Europe/Berlin' };
  for (const day of ['2026-03-29', '2026-10-25']) {
    const fires = new Set<number>();
    let after = at(`${day}T00:00:00+01:00`) - dayMs / 2;
    for (let now = after; now < at(`${day}T00:00:00+01:00`) + dayMs; now += 15 * 60_000) {
      const due = dueFires(config, 'a', after, now);
      if (due === undefined) continue;
      assert.ok(!fires.has(due.fireMs));
      fires.add(due.fireMs);
      after = now;
    }
    assert.equal(fires.size, 1, day);
  }
});

test('many fires become the last one, and those for which nobody was there are counted', () => {
  const config = { schedule: { minutes: [0] }, timeZone: 'UTC' };
  const due = dueFires(config, 'a', at('2026-11-25T00:30:00Z'), at('2026-11-25T10:02:00Z'));
  assert.deepEqual(due, {
    fireMs: at('2026-11-25T10:00:00Z'),
    dueMs: at('2026-11-25T10:00:00Z'),
    missedCount: 9,
    firstMissedMs: at('2026-11-25T01:00:00Z'),
  });
});

test('ten years of minutes take a moment', () => {
  const began = performance.now();
  const now = at('2026-11-25T10:00:30Z');
  const due = dueFires({ schedule: {}, timeZone: 'UTC' }, 'a', now - 3650 * dayMs, now);
  assert.equal(due?.fireMs, at('2026-11-25T10:00:00Z'));
  assert.equal(due?.missedCount, 1_000);
  assert.ok(performance.now() - began < 2_000, `${performance.now() - began} ms`);
});

test('jitter puts the run off and not the fire', () => {
  const config = { schedule: { hours: [2], minutes: [0], jitterSeconds: 3_600 }, timeZone: 'UTC' };
  const due = dueFires(config, 'a', at('2026-11-24T12:00:00Z'), at('2026-11-25T02:00:10Z'));
  assert.equal(due?.fireMs, at('2026-11-25T02:00:00Z'));
  assert.ok(due !== undefined && due.dueMs >= due.fireMs && due.dueMs <= due.fireMs + 3_600_000);
});
