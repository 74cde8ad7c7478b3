import { parseCron } from './cron.ts';
import type { FireRule } from './fire-rule.ts';
import type { Schedule } from './schedule.ts';

/** The schedule in its inner form. `invalid-argument` if it has a cron line that is none. */
export function compileSchedule(schedule: Schedule): FireRule {
  if ('cron' in schedule) return parseCron(schedule.cron);
  return {
    minutes: set(schedule.minutes, 0, 59),
    hours: set(schedule.hours, 0, 23),
    daysOfMonth: set(schedule.daysOfMonth, 1, 31),
    months: set(schedule.months, 1, 12),
    daysOfWeek: set(schedule.daysOfWeek, 1, 7),
    days: 'both',
  };
}

/** The numbers in order; every one of the range where none are given. */
function set(numbers: readonly number[] | undefined, lowest: number, highest: number): number[] {
  if (numbers === undefined) return Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
  return [...new Set(numbers)].sort((a, b) => a - b);
}
