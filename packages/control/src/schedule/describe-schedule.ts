import { compileSchedule } from './compile-schedule.ts';
import type { Schedule } from './schedule.ts';

const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const months = 'January February March April May June July August September October November December'.split(' ');
const mostTimesSpelledOut = 6;

/** One English sentence for people: `At 02:30 on Monday and Friday, in January.` `invalid-argument` for a wrong cron line. */
export function describeSchedule(schedule: Schedule): string {
  const rule = compileSchedule(schedule);
  const week = rule.daysOfWeek.length === 7 ? undefined : `on ${list(spans(rule.daysOfWeek, (day) => weekdays[day - 1] ?? ''))}`;
  const month = rule.daysOfMonth.length === 31 ? undefined : `on day ${list(spans(rule.daysOfMonth, String))} of the month`;
  const days =
    rule.days === 'either'
      ? `${week ?? 'on every day'} or ${month ?? 'on every day'}` // cron: a field that allows all wins
      : [week, month].filter((part) => part !== undefined).join(' if that is also ');
  const inMonths = rule.months.length === 12 ? '' : `in ${list(spans(rule.months, (number) => months[number - 1] ?? ''))}`;
  const jitter = schedule.jitterSeconds === undefined || schedule.jitterSeconds === 0 ? '' : `up to ${schedule.jitterSeconds} s later`;
  const always = days === '' && inMonths === '' ? 'every day' : days;
  const isMinutely = rule.hours.length === 24;
  const parts = [
    [times(rule.hours, rule.minutes), isMinutely && always === 'every day' ? '' : always].filter((part) => part !== '').join(' '),
  ];
  return `${[...parts, inMonths, jitter].filter((part) => part !== '').join(', ')}.`;
}

function times(hours: readonly number[], minutes: readonly number[]): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  if (hours.length * minutes.length <= mostTimesSpelledOut)
    return `At ${list(hours.flatMap((hour) => minutes.map((minute) => `${two(hour)}:${two(minute)}`)))}`;
  const ofHours = hours.length === 24 ? 'every hour' : `hour ${list(spans(hours, String))}`;
  if (minutes.length === 60) return hours.length === 24 ? 'Every minute' : `Every minute of ${ofHours}`;
  return `At minute ${list(spans(minutes, String))} of ${ofHours}`;
}

/** Three and more in a row as `first to last`. */
function spans(numbers: readonly number[], word: (number: number) => string): string[] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === number - 1) run.push(number);
    else runs.push([number]);
  }
  return runs.flatMap((run) => (run.length > 2 ? [`${word(run[0] ?? 0)} to ${word(run.at(-1) ?? 0)}`] : run.map(word)));
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
