import { type CalendarDuration, formatDuration } from './duration.ts';
import { hasTags, type NamedSnapshot } from './snapshot-filter.ts';

/** restic's keep rules. Counts: 0 = rule not used, -1 = no limit. */
export interface ForgetPolicy {
  readonly last: number;
  readonly hourly: number;
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
  readonly yearly: number;
  readonly within?: CalendarDuration | undefined;
  readonly withinHourly?: CalendarDuration | undefined;
  readonly withinDaily?: CalendarDuration | undefined;
  readonly withinWeekly?: CalendarDuration | undefined;
  readonly withinMonthly?: CalendarDuration | undefined;
  readonly withinYearly?: CalendarDuration | undefined;
  /** Snapshots that have all tags of any of these lists stay. */
  readonly tagLists: readonly (readonly string[])[];
}

export interface KeepReason<T> {
  readonly snapshot: T;
  /** Which rules keep it, in restic's words. */
  readonly matches: readonly string[];
  /** What is left of the counts after it. */
  readonly counters: Readonly<Record<CountedRule, number>>;
}

export type CountedRule = 'last' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'yearly';

export interface PolicyResult<T> {
  /** Newest first. */
  readonly keep: readonly T[];
  readonly remove: readonly T[];
  readonly reasons: readonly KeepReason<T>[];
}

const countedRules: readonly CountedRule[] = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'];
const withinRules = [
  ['withinHourly', 'hourly'],
  ['withinDaily', 'daily'],
  ['withinWeekly', 'weekly'],
  ['withinMonthly', 'monthly'],
  ['withinYearly', 'yearly'],
] as const;

export function isEmptyPolicy(policy: ForgetPolicy): boolean {
  const counts = countedRules.every((rule) => policy[rule] === 0);
  const durations = policy.within === undefined && withinRules.every(([rule]) => policy[rule] === undefined);
  return counts && durations && policy.tagLists.length === 0;
}

/**
 * Decides which snapshots of a group stay, exactly as restic does: from the newest to the oldest, each rule keeps a snapshot whose hour, day,
 * week… differs from that of the one it kept last, while its count lasts; the oldest is kept too while a count is left. Hours, days and so on
 * are those of the offset in the snapshot's own time. "Within" counts back from the newest snapshot that is not in the future of `nowNs`.
 */
export function applyPolicy<T extends NamedSnapshot>(snapshots: readonly T[], policy: ForgetPolicy, nowNs: bigint): PolicyResult<T> {
  const sorted = [...snapshots].sort((a, b) => (a.timeNs < b.timeNs ? 1 : a.timeNs > b.timeNs ? -1 : 0));
  const left = Object.fromEntries(countedRules.map((rule) => [rule, policy[rule]])) as Record<CountedRule, number>;
  const lastValues = new Map<string, number>();
  const newest = sorted.find(({ timeNs }) => timeNs < nowNs);
  const limit = (duration: CalendarDuration): bigint => (newest === undefined ? 0n : before(newest, duration));
  const keep: T[] = [];
  const remove: T[] = [];
  const reasons: KeepReason<T>[] = [];
  sorted.forEach((snapshot, nr) => {
    const matches: string[] = [];
    const isOldest = nr === sorted.length - 1;
    const local = localTime(snapshot);
    for (const list of policy.tagLists) if (hasTags(snapshot, list)) matches.push(`has tags [${list.join(', ')}]`);
    if (policy.within !== undefined && snapshot.timeNs > limit(policy.within)) matches.push(`within ${formatDuration(policy.within)}`);
    /** Whether the rule keeps this one, and its words for it. */
    const changed = (key: string, value: number, words: string): string | undefined => {
      const isSame = lastValues.get(key) === value;
      if (isSame && !isOldest) return undefined;
      lastValues.set(key, value);
      return isSame ? `oldest ${words}` : words;
    };
    for (const rule of countedRules) {
      if (left[rule] === 0) continue;
      const words = changed(rule, bucket(rule, local, nr), `${rule} snapshot`);
      if (words === undefined) continue;
      if (left[rule] > 0) left[rule] -= 1;
      matches.push(words);
    }
    for (const [key, rule] of withinRules) {
      const duration = policy[key];
      if (duration === undefined || snapshot.timeNs <= limit(duration)) continue;
      const words = changed(key, bucket(rule, local, nr), `${rule} within`);
      if (words !== undefined) matches.push(`${words} ${formatDuration(duration)}`);
    }
    if (matches.length === 0) remove.push(snapshot);
    else {
      keep.push(snapshot);
      reasons.push({ snapshot, matches, counters: { ...left } });
    }
  });
  return { keep, remove, reasons };
}

/** The snapshot's time on its own clock. */
function localTime(snapshot: NamedSnapshot): Temporal.ZonedDateTime {
  const offset = /([+-]\d\d:\d\d)$/.exec(snapshot.time)?.[1] ?? '+00:00';
  return new Temporal.ZonedDateTime(snapshot.timeNs, offset);
}

function bucket(rule: CountedRule, time: Temporal.ZonedDateTime, nr: number): number {
  switch (rule) {
    case 'last':
      return nr;
    case 'hourly':
      return ((time.year * 100 + time.month) * 100 + time.day) * 100 + time.hour;
    case 'daily':
      return (time.year * 100 + time.month) * 100 + time.day;
    case 'weekly':
      return (time.yearOfWeek ?? time.year) * 100 + (time.weekOfYear ?? 0);
    case 'monthly':
      return time.year * 100 + time.month;
    case 'yearly':
      return time.year;
  }
}

/** Go's AddDate: years, months and days are taken off the calendar date, which may then overflow (31 March − 1 month = 3 March); then the hours. */
function before(snapshot: NamedSnapshot, { years, months, days, hours }: CalendarDuration): bigint {
  const local = localTime(snapshot);
  const wholeMonths = local.year * 12 + (local.month - 1) - years * 12 - months;
  const firstOfMonth = local.with({ year: Math.floor(wholeMonths / 12), month: (wholeMonths % 12) + 1, day: 1 });
  return firstOfMonth.add({ days: local.day - 1 - days }).epochNanoseconds - BigInt(hours) * 3_600_000_000_000n;
}
