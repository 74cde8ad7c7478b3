import type { RetentionPolicy } from './retention-policy.ts';
import type { RetentionSnapshot } from './retention-snapshot.ts';

/**
 * For tests: section 8 of the design read a second time, as slowly and plainly as it is written. Dates by hand, zones by Intl; nothing of the
 * real thing is used. The answer for each snapshot: kept or not, and by which rule.
 */
export function naiveRetention(
  policy: RetentionPolicy,
  snapshots: readonly RetentionSnapshot[],
  nowMs: number,
  zone: string,
): Map<string, string> {
  const clock = clockOf(zone);
  const back = (timeMs: number, years: number, months: number, days: number): number => {
    const { y, mo, d, timeOfDayMs } = wallClock(timeMs, clock);
    const month = y * 12 + (mo - 1) - years * 12 - months;
    const [year, monthOfYear] = [Math.floor(month / 12), (month % 12) + 1];
    const day = Math.min(d, daysInMonth(year, monthOfYear));
    return epochOf(utc(year, monthOfYear, day) - days * 86_400_000 + timeOfDayMs, clock);
  };
  const t0 = back(nowMs, 0, 0, policy.keep_all_backups_for_days);
  const t1 = back(t0, 0, 0, policy.keep_daily_backups_for_days);
  const t2 = back(t1, 0, 0, policy.keep_weekly_backups_for_weeks * 7);
  const t3 = back(t2, 0, policy.keep_monthly_backups_for_months, 0);
  const t4 = back(t3, policy.keep_yearly_backups_for_years, 0, 0);
  const isLater = (a: RetentionSnapshot, b: RetentionSnapshot): boolean => a.timeMs > b.timeMs || (a.timeMs === b.timeMs && a.id > b.id);
  const isComplete = (each: RetentionSnapshot): boolean => each.complete !== false;
  const past = snapshots.filter((each) => each.timeMs <= nowMs);
  const newest = past.filter(isComplete).find((each) => !past.some((other) => isComplete(other) && isLater(other, each)));

  const group = ({ timeMs }: RetentionSnapshot): string => {
    const { y, mo, d } = wallClock(timeMs, clock);
    if (timeMs > t0) return 'all';
    if (timeMs > t1) return `daily ${y}-${two(mo)}-${two(d)}`;
    if (timeMs > t2) return `weekly ${isoWeek(y, mo, d)}`;
    if (timeMs > t3) return `monthly ${y}-${two(mo)}`;
    if (timeMs > t4) return `yearly ${y}`;
    return 'expired';
  };
  const members = past.filter((each) => isComplete(each) && each.pinned !== true).map((each) => ({ each, name: group(each) }));
  const verdicts = new Map<string, string>();
  for (const each of snapshots) {
    const verdict = (): string => {
      if (each.pinned === true) return 'keep pinned';
      if (each.timeMs > nowMs) return 'keep future';
      const name = group(each);
      if (!isComplete(each)) {
        const isOutlived = past.some((other) => isComplete(other) && isLater(other, each));
        return name === 'all' || !isOutlived ? 'keep incomplete' : 'remove incomplete';
      }
      if (name === 'all') return 'keep all';
      const rivals = members.filter((other) => other.name === name).map((other) => other.each);
      const winner = rivals.find((one) =>
        rivals.every((other) => other === one || (policy.representative === 'latest' ? isLater(one, other) : isLater(other, one))),
      );
      if (name !== 'expired' && winner === each) return `keep ${name}`;
      if (each === newest) return 'keep newest';
      return name === 'expired' ? 'remove expired' : `remove superseded in ${name} by ${winner?.id}`;
    };
    verdicts.set(each.id, verdict());
  }

  const cap = policy.delete_oldest_backups_when_using_more_megabytes_than;
  while (cap !== null) {
    const kept = snapshots.filter(({ id }) => verdicts.get(id)?.startsWith('keep') === true);
    if (kept.reduce((sum, { bytes }) => sum + bytes, 0) <= cap * 1024 * 1024) break;
    const removable = kept.filter((each) => each !== newest && each.pinned !== true && each.timeMs <= nowMs);
    const oldest = removable.find((each) => removable.every((other) => other === each || isLater(other, each)));
    if (oldest === undefined || kept.length === 1) break;
    verdicts.set(oldest.id, 'remove cap');
  }
  return verdicts;
}

interface WallClock {
  readonly y: number;
  readonly mo: number;
  readonly d: number;
  readonly timeOfDayMs: number;
}

const two = (number: number): string => String(number).padStart(2, '0');
const utc = (y: number, mo: number, d: number): number => Date.UTC(y, mo - 1, d);

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/** The week belongs to the year that its Thursday lies in. */
function isoWeek(y: number, mo: number, d: number): string {
  const weekday = (new Date(utc(y, mo, d)).getUTCDay() + 6) % 7;
  const thursday = new Date(utc(y, mo, d) + (3 - weekday) * 86_400_000);
  const week = Math.floor((thursday.getTime() - utc(thursday.getUTCFullYear(), 1, 1)) / (7 * 86_400_000)) + 1;
  return `${thursday.getUTCFullYear()}-W${two(week)}`;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const numeric = 'numeric';
  const fields = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric } as const;
  return new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...fields });
}

/** What a clock on the wall shows, as if that were UTC. */
function faceMs(timeMs: number, clock: Intl.DateTimeFormat): number {
  const part = Object.fromEntries(clock.formatToParts(timeMs).map(({ type, value }) => [type, Number(value)]));
  const [y = 0, mo = 0, d = 0] = [part['year'], part['month'], part['day']];
  const wholeSecondMs = utc(y, mo, d) + (part['hour'] ?? 0) * 3_600_000 + (part['minute'] ?? 0) * 60_000 + (part['second'] ?? 0) * 1000;
  return wholeSecondMs + (((timeMs % 1000) + 1000) % 1000);
}

function wallClock(timeMs: number, clock: Intl.DateTimeFormat): WallClock {
  const face = new Date(faceMs(timeMs, clock));
  const midnightMs = utc(face.getUTCFullYear(), face.getUTCMonth() + 1, face.getUTCDate());
  return { y: face.getUTCFullYear(), mo: face.getUTCMonth() + 1, d: face.getUTCDate(), timeOfDayMs: face.getTime() - midnightMs };
}

/** The first time at which the clock shows that; where it never does, as much after the gap as the face is after its beginning. */
function epochOf(face: number, clock: Intl.DateTimeFormat): number {
  const offsetBefore = faceMs(face - 86_400_000, clock) - (face - 86_400_000);
  const offsetAfter = faceMs(face + 86_400_000, clock) - (face + 86_400_000);
  const fits = [face - offsetBefore, face - offsetAfter].filter((timeMs) => faceMs(timeMs, clock) === face);
  return fits.length > 0 ? Math.min(...fits) : face - offsetBefore;
}
