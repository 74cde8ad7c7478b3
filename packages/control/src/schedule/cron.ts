import { CodedError } from '@holdfast/kernel';
import type { FireRule } from './fire-rule.ts';

interface Field {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  /** Names for numbers, from `lowest` on. */
  readonly words: readonly string[];
}

const fields = {
  minute: { name: 'minute', lowest: 0, highest: 59, words: [] },
  hour: { name: 'hour', lowest: 0, highest: 23, words: [] },
  dayOfMonth: { name: 'day of month', lowest: 1, highest: 31, words: [] },
  month: {
    name: 'month',
    lowest: 1,
    highest: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  dayOfWeek: { name: 'day of week', lowest: 0, highest: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} as const satisfies Record<string, Field>;

/** A map, because the words of an object's prototype, like `constructor`, are no nicknames. */
const nicknames: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

/**
 * A cron line of five fields as crontab(5) has it: lists, ranges, steps after a star or a range, names of months and weekdays in any case,
 * 0 and 7 for Sunday, and @yearly, @monthly, @weekly, @daily, @hourly. Where day of month and day of week are both restricted, a day needs
 * to fit one of them; a field that begins with a star (also `*` with a step) is not restricted, and then a day must fit both.
 * `invalid-argument` for anything else: seconds, `L`, `W`, `#`, `?`, @reboot.
 */
export function parseCron(line: string): FireRule {
  const trimmed = line.trim();
  const parts = (nicknames.get(trimmed.toLowerCase()) ?? trimmed).split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek] = parts;
  if (
    parts.length !== 5 ||
    minute === undefined ||
    hour === undefined ||
    dayOfMonth === undefined ||
    month === undefined ||
    dayOfWeek === undefined
  ) {
    throw wrong(
      line,
      trimmed.startsWith('@') ? `there is no ${trimmed.split(/\s/)[0]}` : `it has ${trimmed === '' ? 0 : parts.length} fields instead of 5`,
    );
  }
  const read = (text: string, field: Field): number[] => parseField(line, text, field);
  const isRestricted = (text: string): boolean => !text.startsWith('*');
  return {
    minutes: read(minute, fields.minute),
    hours: read(hour, fields.hour),
    daysOfMonth: read(dayOfMonth, fields.dayOfMonth),
    months: read(month, fields.month),
    daysOfWeek: [...new Set(read(dayOfWeek, fields.dayOfWeek).map((day) => (day === 0 ? 7 : day)))].sort((a, b) => a - b),
    days: isRestricted(dayOfMonth) && isRestricted(dayOfWeek) ? 'either' : 'both',
  };
}

function parseField(line: string, text: string, field: Field): number[] {
  const found = new Set<number>();
  for (const part of text.split(',')) {
    const [, star, from, to, step] = /^(?:(\*)|([0-9]+|[a-z]+)(?:-([0-9]+|[a-z]+))?)(?:\/([0-9]+))?$/i.exec(part) ?? [];
    if (star === undefined && from === undefined) throw wrong(line, `${JSON.stringify(part)} is no ${field.name}`);
    const first = from === undefined ? field.lowest : parseNumber(line, from, field);
    const last = lastOf(line, { star, from, to }, first, field);
    if (first > last) throw wrong(line, `the ${field.name} ${part} goes backwards`);
    if (step !== undefined && star === undefined && to === undefined)
      throw wrong(line, `the step of ${part} needs a range: ${first}-${field.highest}/${step}`);
    const stride = step === undefined ? 1 : Number(step);
    // A step beyond the field would be a promise that cron cannot keep: */90 minutes would run each hour.
    if (stride < 1 || stride > field.highest - field.lowest + 1) throw wrong(line, `the step of ${part} does not fit a ${field.name}`);
    for (let value = first; value <= last; value += stride) found.add(value);
  }
  return [...found].sort((a, b) => a - b);
}

interface Range {
  readonly star: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

function lastOf(line: string, { star, to }: Range, first: number, field: Field): number {
  // With a step, day 7 would be a second Sunday.
  if (star !== undefined) return field === fields.dayOfWeek ? 6 : field.highest;
  if (to === undefined) return first;
  const last = parseNumber(line, to, field);
  // fri-sun ends with the Sunday after it.
  return field === fields.dayOfWeek && last === 0 && first > 0 && /^sun$/i.test(to) ? 7 : last;
}

function parseNumber(line: string, text: string, field: Field): number {
  const word = field.words.indexOf(text.toLowerCase());
  if (word >= 0) return field.lowest + word;
  const value = /^[0-9]{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.lowest && value <= field.highest) return value;
  throw wrong(line, `${JSON.stringify(text)} is no ${field.name} from ${field.lowest} to ${field.highest}`);
}

function wrong(line: string, why: string): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(line)} is not a cron line: ${why}`,
    hint: 'Write minute, hour, day of month, month and day of week, like 30 2 * * mon-fri, or @daily.',
  });
}
