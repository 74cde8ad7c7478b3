import { CodedError } from '@holdfast/kernel';
import { finishRun } from './finish-run.ts';
import { gatherEvidence } from './gather-evidence.ts';
import { renewLease } from './hold-lease.ts';
import { RunRecorder } from './run-recorder.ts';
import type { ClaimedRun } from './run-row.ts';
import type { RunTools } from './run-tools.ts';
import { verdict } from './verdict.ts';

export interface RunTimes {
  /** How long a run is ours without being renewed. */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** How often progress and log lines are written. */
  readonly flushMs: number;
  /** How long a process that was told to stop is waited for. */
  readonly graceMs: number;
}

export const defaultRunTimes: RunTimes = { leaseMs: 30_000, renewMs: 10_000, flushMs: 1_000, graceMs: 30_000 };

/** How often the end of a run is tried to be written while the database does not answer. */
const mostFinishAttempts = 30;

export interface CarryOutOptions extends Omit<RunTools, 'recorder' | 'graceMs'> {
  readonly times: RunTimes;
  /** For what goes wrong besides the run: the database does not answer. It is tried again. */
  readonly onFault: (error: unknown) => void;
}

/**
 * Carries a claimed run out to its end, and writes it. While it works the lease is renewed; if that fails for as long as the lease lasts, or
 * the run is not ours any more, it is stopped, for another may have begun it. Rejects only if its end could not be written.
 */
export async function carryOutRun(run: ClaimedRun, options: CarryOutOptions): Promise<void> {
  const { context, times } = options;
  const recorder = new RunRecorder(context, run);
  const ended = new AbortController();
  const background = [
    repeat(options, times.flushMs, ended.signal, async () => await recorder.flush()),
    keepLease(run, options, ended.signal),
  ];
  const { evidence, report, gone } = await gatherEvidence({ ...options, recorder, graceMs: times.graceMs }, run);
  ended.abort();
  await Promise.all(background);
  const result = verdict(evidence);
  for (const reason of result.reasons) recorder.log(result.outcome === 'failed' ? 'error' : 'warning', reason);
  for (let attempt = 1; ; attempt++) {
    try {
      await recorder.flush();
      await finishRun(context, run, result, gone === undefined ? { report } : { report, gone });
      return;
    } catch (error) {
      if (attempt === mostFinishAttempts || !CodedError.is(error) || error.retry !== 'temporary') throw error;
      options.onFault(error);
      await context.clock.sleep(Math.min(10_000, 200 * 2 ** attempt));
    }
  }
}

async function keepLease(run: ClaimedRun, options: CarryOutOptions, ended: AbortSignal): Promise<void> {
  const { context, control, times } = options;
  let sureSteps = 0;
  const mostSteps = Math.floor(times.leaseMs / times.renewMs);
  await repeat(options, times.renewMs, ended, async () => {
    if (++sureSteps >= mostSteps) control.stop('lease-lost');
    const { isOurs, cancelRequested } = await renewLease(context, run, times.leaseMs);
    if (!isOurs) control.stop('lease-lost');
    else if (cancelRequested) control.cancel();
    sureSteps = 0;
  });
}

async function repeat(
  { context, onFault }: Pick<CarryOutOptions, 'context' | 'onFault'>,
  everyMs: number,
  ended: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      await context.clock.sleep(everyMs, ended);
    } catch (error) {
      if (ended.aborted) return;
      throw error;
    }
    try {
      await work();
    } catch (error) {
      onFault(error);
    }
  }
}
