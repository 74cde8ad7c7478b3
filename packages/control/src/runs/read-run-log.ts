import { type LogEntry, LogLevel } from '@holdfast/contract';
import type { Caller, ControlContext } from '../control-context.ts';

export interface ReadRunLogInput {
  readonly id: string;
  /** -1: from the beginning. */
  readonly afterSeq: number;
  readonly limit: number;
}

/** Lines of a run's log, in order; none for a run that is not there. */
export async function readRunLog({ database }: ControlContext, _caller: Caller, input: ReadRunLogInput): Promise<LogEntry[]> {
  const rows = await database.tables
    .selectFrom('run_log')
    .select(['seq', 'at_ms', 'level', 'text'])
    .where('run_id', '=', input.id)
    .where('seq', '>', input.afterSeq)
    .orderBy('seq')
    .limit(input.limit)
    .execute();
  return rows.map(({ seq, at_ms, level, text }) => ({ seq, atMs: at_ms, level: LogLevel.parse(level), text }));
}
