import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { firesBetween } from './fires-between.ts';
import { nextFire } from './next-fire.ts';
import type { Schedule } from './schedule.ts';

const after = Date.UTC(2026, 0, 1);

test('a schedule that names no day that exists never fires, and says so at once', () => {
  const never: readonly Schedule[] = [
    { months: [2], daysOfMonth: [30, 31] },
    { months: [4, 6, 9, 11], daysOfMonth: [31] },
    { cron: '0 0 31 2 *' },
    { cron: '0 0 30 feb */2' },
  ];
  const start = performance.now();
  for (let round = 0; round < 25; round++)
    for (const schedule of never) assert.equal(nextFire(schedule, after, 'Europe/Berlin'), undefined, JSON.stringify(schedule));
  assert.ok((performance.now() - start) / 100 < 10, 'ms for each');
});

test('29 February on any weekday is found, also across the year 2100', () => {
  for (const from of [after, Date.UTC(2072, 5, 1), Date.UTC(2097, 0, 1)]) {
    for (let weekday = 1; weekday <= 7; weekday++) {
      let expected = new Date(from);
      do expected = new Date(expected.getTime() + 86_400_000);
      while (expected.getUTCMonth() !== 1 || expected.getUTCDate() !== 29 || (expected.getUTCDay() + 6) % 7 !== weekday - 1);
      const schedule: Schedule = { months: [2], daysOfMonth: [29], daysOfWeek: [weekday], hours: [0], minutes: [0] };
      assert.equal(nextFire(schedule, from, 'UTC')?.epochMilliseconds, expected.getTime());
    }
  }
});

test('the end of time is the end of fires, not an error', () => {
  const edge = 8.64e15 - 3 * 86_400_000;
  for (const zone of ['UTC', 'Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    assert.equal(nextFire({}, 8.64e15, zone), undefined);
    assert.ok(firesBetween({ hours: [0], minutes: [0] }, edge, 8.64e15, zone, 10).fires.length <= 3);
  }
});

test('fires are counted after one time and up to another, and no further than the limit', () => {
  const hourly: Schedule = { minutes: [0] };
  const { fires, hasMore } = firesBetween(hourly, after, after + 3 * 3_600_000, 'UTC', 3);
  assert.deepEqual(
    fires.map((fire) => fire.epochMilliseconds - after),
    [3_600_000, 7_200_000, 10_800_000],
  );
  assert.equal(hasMore, false);
  assert.equal(firesBetween(hourly, after, after + 4 * 3_600_000, 'UTC', 3).hasMore, true);
  assert.deepEqual(firesBetween(hourly, after, after, 'UTC', 3), { fires: [], hasMore: false });
  const start = performance.now();
  assert.equal(firesBetween({}, after, 8.64e15, 'Europe/Berlin', 100).hasMore, true);
  assert.ok(performance.now() - start < 500);
  for (const limit of [0, -1, 1.5, Number.NaN]) assert.throws(() => firesBetween(hourly, after, after, 'UTC', limit), CodedError);
});

test('a time that is none and a zone that is none are refused', () => {
  for (const time of [Number.NaN, 1.5, 9e15]) assert.throws(() => nextFire({}, time, 'UTC'), CodedError);
  assert.throws(() => nextFire({}, after, 'Nowhere'), CodedError);
});
