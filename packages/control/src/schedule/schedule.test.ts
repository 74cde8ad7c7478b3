import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '@holdfast/kernel';
import { parseSchedule } from './schedule.ts';

function refusal(value: unknown): string {
  try {
    parseSchedule(value);
  } catch (error) {
    assert.ok(CodedError.is(error, 'invalid-argument'));
    assert.ok(error.hint !== undefined && error.hint.length > 0);
    return error.message;
  }
  return 'accepted';
}

test('a schedule is five sets in any combination, or a cron line', () => {
  for (const value of [{}, { hours: [2], minutes: [30] }, { daysOfWeek: [1, 7], jitterSeconds: 0 }, { cron: '@daily', jitterSeconds: 60 }])
    assert.deepEqual(parseSchedule(value), value);
});

test('a schedule that is wrong is refused, by the name of the field and what is wrong with it', () => {
  const table: readonly (readonly [unknown, RegExp])[] = [
    [{ hour: [2] }, /hour: there is no such field/],
    [{ hours: [24] }, /hours\.0: .* from 0 to 23, not 24/],
    [{ hours: ['2'] }, /hours\.0: .* not "2"/],
    [{ minutes: [0, 1.5] }, /minutes\.1: .* from 0 to 59, not 1\.5/],
    [{ daysOfWeek: [0] }, /daysOfWeek\.0: .*1 is Monday.* not 0/],
    [{ daysOfMonth: [] }, /daysOfMonth: .* is empty/],
    [{ months: 3 }, /months: .* must be a list/],
    [{ jitterSeconds: -1 }, /jitterSeconds: .* not -1/],
    [{ cron: '@daily', hours: [1] }, /hours: there is no such field/],
    [{ cron: '* * * *' }, /cron: .* 4 fields instead of 5/],
    [{ cron: 5 }, /cron: /],
    [null, /The schedule is not right/],
    [[], /The schedule is not right/],
  ];
  for (const [value, message] of table) assert.match(refusal(value), message, JSON.stringify(value));
});
