import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSchedule } from './describe-schedule.ts';
import type { Schedule } from './schedule.ts';

test('a schedule in one sentence', () => {
  const table: readonly (readonly [Schedule, string])[] = [
    [{}, 'Every minute.'],
    [{ hours: [2], minutes: [30] }, 'At 02:30 every day.'],
    [{ cron: '@hourly' }, 'At minute 0 of every hour.'],
    [{ hours: [2] }, 'Every minute of hour 2 every day.'],
    [{ cron: '0 0 13 * fri' }, 'At 00:00 on Friday or on day 13 of the month.'],
    [
      { daysOfWeek: [1], daysOfMonth: [1, 2, 3, 4, 5, 6, 7], hours: [3], minutes: [0] },
      'At 03:00 on Monday if that is also on day 1 to 7 of the month.',
    ],
    [
      { cron: '0 1,13 * jan-mar mon-fri', jitterSeconds: 60 },
      'At 01:00 and 13:00 on Monday to Friday, in January to March, up to 60 s later.',
    ],
  ];
  for (const [schedule, sentence] of table) assert.equal(describeSchedule(schedule), sentence);
});
