import { LogLevel, type RunEvent, RunProgress } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import { findRun } from './find-run.ts';

const everyMs = 1_000;
const pageSize = 500;

/**
 * What a run tells, from the beginning of its log on, as it comes; ends with the run or when the signal is aborted. Reads the database, so it
 * does not matter which process works at the run. `not-found`.
 */
export async function* followRun(context: ControlContext, id: string, signal: AbortSignal): AsyncGenerator<RunEvent, void> {
  const { tables } = context.database;
  let afterSeq = -1;
  let lastProgress: string | null = null;
  for (;;) {
    const run = await findRun(tables, id);
    for (;;) {
      const lines = await tables
        .selectFrom('run_log')
        .select(['seq', 'level', 'text'])
        .where('run_id', '=', id)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(pageSize)
        .execute();
      for (const { seq, level, text } of lines) {
        afterSeq = seq;
        yield { type: 'log', level: LogLevel.parse(level), text };
      }
      if (lines.length < pageSize) break;
    }
    if (run.progress !== null && run.progress !== lastProgress) {
      lastProgress = run.progress;
      yield RunProgress.parse(JSON.parse(run.progress));
    }
    if (run.state === 'ended') return;
    await pause(context, id, signal);
    if (signal.aborted) return;
  }
}

/** Until this process learns that the run changed, and for a second at most. */
async function pause(context: ControlContext, id: string, signal: AbortSignal): Promise<void> {
  const changed = new AbortController();
  const stop = context.changes.listen((change) => {
    if (change.noun === 'run' && change.id === id) changed.abort();
  });
  try {
    await context.clock.sleep(everyMs, AbortSignal.any([signal, changed.signal]));
  } catch (error) {
    if (!signal.aborted && !changed.signal.aborted) throw error;
  } finally {
    stop();
  }
}
