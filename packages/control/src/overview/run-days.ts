import type { Overview } from '@holdfast/contract';
import { type RawBuilder, sql } from 'kysely';
import type { Tables } from '../database/database.ts';

const dayCount = 30;
/** Every zone begins its days at a multiple of it. */
const quarterMs = 15 * 60_000;

/** How runs of backups ended on each of the last thirty days of the zone, oldest first, today included. */
export async function runDays(tables: Tables, nowMs: number, zone: string): Promise<Overview['days']> {
  const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(zone).toPlainDate();
  const dates = Array.from({ length: dayCount }, (_, index) => today.subtract({ days: dayCount - 1 - index }));
  const days = dates.map((date) => ({ day: date.toString(), succeeded: 0, partial: 0, failed: 0, missed: 0 }));
  const starts = dates.map((date) => date.toZonedDateTime(zone).epochMilliseconds);
  // Only the database looks at each run: quarters of hours come out, of which there are some thousands at most.
  const quarter: RawBuilder<number> = sql`ended_ms / ${sql.lit(quarterMs)}`;
  const counts = await tables
    .selectFrom('run')
    .select(({ fn }) => [quarter.as('quarter'), 'outcome', fn.countAll<number>().as('count')])
    .where('ended_ms', '>=', starts[0] ?? 0)
    .where('kind', '=', 'backup')
    .groupBy([quarter, 'outcome'])
    .execute();
  for (const { quarter: number, outcome, count } of counts) {
    const day = days[starts.findLastIndex((startMs) => startMs <= number * quarterMs)];
    const column = columnOf(outcome);
    if (day !== undefined && column !== undefined) day[column] += count;
  }
  return days;
}

function columnOf(outcome: string | null): 'succeeded' | 'partial' | 'failed' | 'missed' | undefined {
  if (outcome === 'succeeded' || outcome === 'partial' || outcome === 'missed') return outcome;
  return outcome === 'failed' || outcome === 'interrupted' ? 'failed' : undefined;
}
