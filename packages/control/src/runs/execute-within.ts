import type { RunEvent, RunPlan } from '@holdfast/contract';
import type { Clock } from '@holdfast/kernel';
import type { Executor, RunEnd } from './executor.ts';
import type { RunControl } from './run-control.ts';

export interface WithinOptions {
  readonly clock: Clock;
  readonly control: RunControl;
  readonly timeLimitMs: number;
  /** How long a process that was told to stop is waited for. After that the run goes on to its end without it. */
  readonly graceMs: number;
  readonly onEvent: (event: RunEvent) => void;
}

/**
 * Executes a plan, and stops it at its time limit. Always comes back: of a process that does not end although it was told to, nothing is
 * known, and that is its end.
 */
export async function executeWithin(executor: Executor, plan: RunPlan, options: WithinOptions): Promise<RunEnd> {
  const { clock, control, timeLimitMs, graceMs, onEvent } = options;
  const ended = new AbortController();
  const quiet = (error: unknown): void => {
    if (!ended.signal.aborted) throw error;
  };
  const limit = clock.sleep(timeLimitMs, ended.signal).then(() => control.stop('time-limit'), quiet);
  const work = executor.execute(plan, { signal: control.signal, onEvent, timeLimitMs: timeLimitMs + graceMs });
  const givenUp = aborted(control.signal, ended.signal).then(async (): Promise<RunEnd> => {
    await clock.sleep(graceMs, ended.signal).catch(quiet);
    return { exit: { code: null, signal: null }, report: undefined, stderrTail: '' };
  });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    ended.abort();
    await limit;
    // Who was given up may still fail one day: nobody is left to hear it.
    void work.catch(() => undefined);
  }
}

/** Resolves when the first is aborted, or the second. */
async function aborted(signal: AbortSignal, orElse: AbortSignal): Promise<void> {
  const either = AbortSignal.any([signal, orElse]);
  if (either.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  either.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
