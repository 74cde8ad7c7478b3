import type { RunEvent, RunPlan, RunReport } from '@holdfast/contract';
import { type Clock, type RandomSource, systemClock, systemRandom } from '@holdfast/kernel';
import { openStorage, type StorageOpener } from '../vault/open-storage.ts';
import { backupRun } from './backup-run.ts';
import { checkRun } from './check-run.ts';
import { forgetRun } from './forget-run.ts';
import { ItemList } from './item-list.ts';
import { measureRun } from './measure-run.ts';
import { type PlanRun, reportStart } from './plan-run.ts';
import { pruneRun } from './prune-run.ts';
import { pushRun } from './push-run.ts';
import { endingError, reportedError } from './reported-error.ts';
import { restoreRun } from './restore-run.ts';
import { RunTeller } from './run-teller.ts';

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  /** Hears of progress, at most four times a second, and of log lines. */
  readonly onEvent: (event: RunEvent) => void;
  readonly clock?: Clock;
  readonly random?: RandomSource;
  /** How long a lock of others is waited for. Default five minutes. */
  readonly lockWaitMs?: number;
  /** For how long a failure of a storage that may pass is tried again. Default 15 minutes, as in restic. */
  readonly storageRetryMs?: number;
  readonly openStorage?: StorageOpener;
}

/**
 * Executes a plan in this process and returns its report: always, also when the run fails or is cancelled. What ended it is then in
 * `report.error`, beside all that was known by then. The report is evidence, not a judgement.
 */
export function executePlan(plan: RunPlan, options: ExecuteOptions): Promise<RunReport> {
  switch (plan.kind) {
    case 'backup':
      return run(backupRun, plan, options);
    case 'restore':
      return run(restoreRun, plan, options);
    case 'push':
      return run(pushRun, plan, options);
    case 'check':
      return run(checkRun, plan, options);
    case 'prune':
      return run(pruneRun, plan, options);
    case 'measure':
      return run(measureRun, plan, options);
    case 'forget':
      return run(forgetRun, plan, options);
  }
}

/** The report of a run that could not be executed at all. */
export function failedReport(plan: RunPlan, error: unknown, clock: Clock = systemClock): RunReport {
  const report = beginReport(plan, reportStart(plan.runId, nowMs(clock)));
  report.error = reportedError(error);
  return report;
}

function beginReport(plan: RunPlan, start: ReturnType<typeof reportStart>): RunReport {
  switch (plan.kind) {
    case 'backup':
      return backupRun.begin(plan, start);
    case 'restore':
      return restoreRun.begin(plan, start);
    case 'push':
      return pushRun.begin(plan, start);
    case 'check':
      return checkRun.begin(plan, start);
    case 'prune':
      return pruneRun.begin(plan, start);
    case 'measure':
      return measureRun.begin(plan, start);
    case 'forget':
      return forgetRun.begin(plan, start);
  }
}

async function run<Plan extends RunPlan, Report extends RunReport>(
  kind: PlanRun<Plan, Report>,
  plan: Plan,
  options: ExecuteOptions,
): Promise<RunReport> {
  const { signal, clock = systemClock, random = systemRandom } = options;
  const report = kind.begin(plan, reportStart(plan.runId, nowMs(clock)));
  const items = new ItemList();
  const teller = new RunTeller(clock, options.onEvent);
  try {
    signal.throwIfAborted();
    await kind.execute(plan, report, {
      signal,
      clock,
      random,
      teller,
      items,
      lockWaitMs: options.lockWaitMs ?? 300_000,
      storageRetryMs: options.storageRetryMs ?? 900_000,
      openStorage: options.openStorage ?? openStorage,
    });
  } catch (error) {
    report.error = reportedError(endingError(error, signal));
    teller.log('error', report.error.message);
  }
  teller.finish();
  report.items = items.items;
  report.itemCount = items.count;
  report.endMs = nowMs(clock);
  return report;
}

function nowMs(clock: Clock): number {
  return Number(clock.nowNs() / 1_000_000n);
}
