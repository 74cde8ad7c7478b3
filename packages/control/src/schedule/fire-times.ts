import { CodedError } from '@holdfast/kernel';
import { compileSchedule } from './compile-schedule.ts';
import type { FireRule } from './fire-rule.ts';
import type { Schedule } from './schedule.ts';
import { requireZone } from './time-zone.ts';

/** A point in time: epoch milliseconds, or the thing itself. */
export type Time = number | Temporal.Instant;

const dayMs = 86_400_000;
/** Two days before the end of the time that the language knows. */
const lastEpochDay = 99_999_998;

/**
 * All fires strictly after `after`, one after the other; none if the schedule names no day that exists (31 February). Pure, and lazy.
 *
 * A time on the clocks of the zone fires once. If it is skipped (clocks go forward), it fires at the first whole minute after the gap,
 * together with whatever else fires there: fires that fall on the same instant are one. If it is repeated (clocks go back), its first
 * occurrence fires, so that an hourly schedule pauses for the second one. `invalid-argument` for an unknown zone or a wrong cron line.
 */
export function* fireTimes(schedule: Schedule, after: Time, zone: string): Generator<Temporal.Instant, undefined> {
  const zoneId = requireZone(zone);
  const rule = compileSchedule(schedule);
  const minutesOfDay = rule.hours.flatMap((hour) => rule.minutes.map((minute) => hour * 60 + minute));
  let last = toInstant(after);
  if (!hasDay(rule)) return undefined;
  for (let day = localEpochDay(last, zoneId); day <= lastEpochDay; day++) {
    if (!isFireDay(rule, day)) continue;
    const fireAt = (index: number): Temporal.Instant => instantOf(day, minutesOfDay[index] ?? 0, zoneId);
    for (let index = firstAfter(last, minutesOfDay.length, fireAt); index < minutesOfDay.length; index++) {
      const fire = fireAt(index);
      if (Temporal.Instant.compare(fire, last) <= 0) continue;
      yield fire;
      last = fire;
    }
  }
  return undefined;
}

export function toInstant(time: Time): Temporal.Instant {
  if (typeof time !== 'number') return time;
  if (Number.isInteger(time) && Math.abs(time) <= 8.64e15) return Temporal.Instant.fromEpochMilliseconds(time);
  throw new CodedError({
    code: 'invalid-argument',
    message: `${time} is no time`,
    hint: 'Give whole milliseconds since 1970-01-01T00:00:00Z.',
  });
}

/** Whether such a day ever comes. A date that exists falls on each weekday within 400 years, and 29 February within 40. */
function hasDay({ days, months, daysOfMonth }: FireRule): boolean {
  const longest = (month: number): number => (month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31);
  return days === 'either' || months.some((month) => (daysOfMonth[0] ?? 1) <= longest(month));
}

function isFireDay(rule: FireRule, epochDay: number): boolean {
  const date = new Date(epochDay * dayMs);
  if (!rule.months.includes(date.getUTCMonth() + 1)) return false;
  const inMonth = rule.daysOfMonth.includes(date.getUTCDate());
  const inWeek = rule.daysOfWeek.includes(date.getUTCDay() === 0 ? 7 : date.getUTCDay());
  return rule.days === 'both' ? inMonth && inWeek : inMonth || inWeek;
}

/** The first of the day's fires that may be after `last`. Later on the clock is never earlier in time, so halving finds it. */
function firstAfter(last: Temporal.Instant, count: number, fireAt: (index: number) => Temporal.Instant): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = low === 0 && high === count ? 0 : (low + high) >> 1; // most days are wholly after it
    if (Temporal.Instant.compare(fireAt(middle), last) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Days since 1970-01-01 of the date on the clocks of the zone. */
function localEpochDay(instant: Temporal.Instant, zone: string): number {
  const { year, month, day } = instant.toZonedDateTimeISO(zone);
  return Math.round(new Date(0).setUTCFullYear(year, month - 1, day) / dayMs);
}

/** When the clocks of the zone first show that minute, or the first whole minute after the gap that skips it. */
function instantOf(epochDay: number, minuteOfDay: number, zone: string): Temporal.Instant {
  const date = new Date(epochDay * dayMs);
  const local = new Temporal.PlainDateTime(
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    Math.floor(minuteOfDay / 60),
    minuteOfDay % 60,
  );
  const zoned = local.toZonedDateTime(zone, { disambiguation: 'compatible' });
  if (zoned.toPlainDateTime().equals(local)) return zoned.toInstant();
  const gapEnd = local.toZonedDateTime(zone, { disambiguation: 'earlier' }).getTimeZoneTransition('next');
  if (gapEnd === null) throw new CodedError({ code: 'internal', message: `The gap of ${zone} at ${local.toString()} has no end` });
  return gapEnd.round({ smallestUnit: 'minute', roundingMode: 'ceil' }).toInstant();
}
