import type { Overview } from '@holdfast/contract';
import { type RawBuilder, sql } from 'kysely';
import type { Database } from '../database/database.ts';

const dayCount = 30;
/** Workers may write an end a little late: days before these two do not change any more and are counted once. */
const changingDays = 2;
/** Every zone begins its days at a multiple of it. */
const quarterMs = 15 * 60_000;

type Day = Overview['days'][number];

/** How runs of backups ended on each of the last thirty days of the zone, oldest first, today included. */
export async function runDays({ tables, versions }: Database, today: Temporal.PlainDate, zone: string): Promise<Day[]> {
  const dates = Array.from({ length: dayCount }, (_, index) => today.subtract({ days: dayCount - 1 - index }));
  const days = dates.map((date) => ({ day: date.toString(), succeeded: 0, partial: 0, failed: 0, missed: 0 }));
  const starts = dates.map((date) => date.toZonedDateTime(zone).epochMilliseconds);
  const keyOf = ({ day }: Day): string => `run days ${zone} ${day}`;
  const known = days.map((day) => versions.get<Day>(keyOf(day)));
  const from = known.findIndex((day, index) => day === undefined || index >= dayCount - changingDays);
  // Only the database looks at each run, and only at the index: quarters of hours come out.
  const quarter: RawBuilder<number> = sql`ended_ms / ${sql.lit(quarterMs)}`;
  const counts = await tables
    .selectFrom('run')
    .select(({ fn }) => [quarter.as('quarter'), 'kind', 'outcome', fn.countAll<number>().as('count')])
    .where('ended_ms', '>=', starts[from] ?? 0)
    .groupBy([quarter, 'kind', 'outcome'])
    .execute();
  for (const { quarter: number, kind, outcome, count } of counts) {
    const day = days[starts.findLastIndex((startMs) => startMs <= number * quarterMs)];
    const column = columnOf(outcome);
    if (kind === 'backup' && day !== undefined && column !== undefined) day[column] += count;
  }
  for (const day of days.slice(from, dayCount - changingDays)) versions.set(keyOf(day), day);
  return days.map((day, index) => (index < from ? (known[index] ?? day) : day));
}

function columnOf(outcome: string | null): 'succeeded' | 'partial' | 'failed' | 'missed' | undefined {
  if (outcome === 'succeeded' || outcome === 'partial' || outcome === 'missed') return outcome;
  return outcome === 'failed' || outcome === 'interrupted' ? 'failed' : undefined;
}
