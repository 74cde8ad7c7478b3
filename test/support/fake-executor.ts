import { createHash } from 'node:crypto';
import type { BackupReport, RunEvent, RunPlan, RunReport } from '@holdfast/contract';
import type { ExecuteOptions, Executor, RunEnd } from '@holdfast/control';

type Act = (plan: RunPlan, options: ExecuteOptions) => Promise<RunEnd>;

/** Stands for the processes of runs: keeps repositories as sets of snapshot ids, and does what a test tells it to. */
export class FakeExecutor implements Executor {
  /** The snapshots of each storage server. */
  readonly stored = new Map<string, Set<string>>();
  readonly plans: RunPlan[] = [];
  /** How many execute at this moment, and how many did at most. */
  working = 0;
  mostWorking = 0;
  /** What happens in place of success, by the title of the plan. */
  readonly acts = new Map<string, Act>();
  /** The stored bytes that each snapshot adds. */
  growthBytes = 1_000;
  nowMs: () => number;

  constructor(nowMs: () => number) {
    this.nowMs = nowMs;
  }

  async execute(plan: RunPlan, options: ExecuteOptions): Promise<RunEnd> {
    this.plans.push(plan);
    this.working++;
    this.mostWorking = Math.max(this.mostWorking, this.working);
    try {
      const act = this.acts.get(plan.title) ?? (async (each: RunPlan) => end(this.report(each)));
      return await act(plan, options);
    } finally {
      this.working--;
    }
  }

  snapshots(storageServerId: string): Set<string> {
    const known = this.stored.get(storageServerId) ?? new Set();
    this.stored.set(storageServerId, known);
    return known;
  }

  /** What a run of that plan that goes well reports; its effect is there then. */
  report(plan: RunPlan): RunReport {
    const every = { runId: plan.runId, startMs: this.nowMs(), endMs: this.nowMs(), items: [], itemCount: 0, error: null };
    switch (plan.kind) {
      case 'backup':
        return { ...this.#backup(plan), ...every };
      case 'restore':
        return {
          kind: 'restore',
          ...every,
          target: plan.target,
          filesPlanned: 1,
          filesRestored: 1,
          filesKept: 0,
          bytesWritten: 10,
          verified: plan.verify,
          dryRun: plan.dryRun,
          ended: true,
        };
      case 'push':
        return { kind: 'push', ...every, target: 'somewhere', restored: [{ path: 'a', as: 'a' }], notes: [], ended: true };
      case 'check':
        return {
          kind: 'check',
          ...every,
          errorCount: 0,
          errors: [],
          hints: [],
          damagedSnapshots: [],
          affectedPaths: [],
          packs: 10,
          packsRead: Math.ceil(plan.readDataPercent / 10),
          bytesRead: 0,
          snapshots: 1,
          ended: true,
        };
      case 'prune':
        return {
          kind: 'prune',
          ...every,
          bytesBefore: 1,
          bytesRemoved: 0,
          bytesRepacked: 0,
          packsRemoved: 0,
          bytesAfter: 1,
          ended: true,
        };
      case 'measure': {
        const present = this.snapshots(plan.repository.storageServerId);
        return {
          kind: 'measure',
          ...every,
          growthBytes: plan.snapshotIds.map(() => this.growthBytes),
          missing: plan.snapshotIds.filter((id) => !present.has(id)),
          present: [...present],
          ended: true,
        };
      }
      case 'forget': {
        const present = this.snapshots(plan.repository.storageServerId);
        const removed = plan.snapshotIds.filter((id) => present.delete(id));
        return { kind: 'forget', ...every, removed, remaining: [...present], ended: true };
      }
    }
  }

  #backup(plan: Extract<RunPlan, { kind: 'backup' }>): Omit<BackupReport, 'runId' | 'startMs' | 'endMs' | 'items' | 'itemCount' | 'error'> {
    const roots = plan.source.driver === 'files' ? plan.source.paths.length : 1;
    return {
      kind: 'backup',
      rootsAsked: roots,
      rootsFound: roots,
      sourceEnded: true,
      filesNew: 1,
      filesChanged: 0,
      filesUnmodified: 0,
      directories: 1,
      files: 1,
      bytes: 10,
      itemsLeftOut: 0,
      destinations: plan.destinations.map(({ storageServerId, name }) => {
        const snapshotId = createHash('sha256').update(`${plan.runId} ${storageServerId}`).digest('hex');
        this.snapshots(storageServerId).add(snapshotId);
        return {
          storageServerId,
          name,
          snapshotId,
          reopened: true,
          treeMatches: true,
          dataBlobs: 1,
          treeBlobs: 1,
          addedBytes: 10,
          storedBytes: 10,
          error: null,
        };
      }),
    };
  }
}

/** A process that ended by itself and left that report. */
export function end(report: RunReport | undefined, code = 0): RunEnd {
  return { exit: { code, signal: null }, report, stderrTail: '' };
}

/** A process that works until it is told to stop, and then dies. */
export async function untilStopped(_plan: RunPlan, { signal }: ExecuteOptions): Promise<RunEnd> {
  if (!signal.aborted) {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }
  return { exit: { code: null, signal: 'SIGTERM' }, report: undefined, stderrTail: '' };
}

/** A process that does not end, whatever it is told. */
export async function never(): Promise<RunEnd> {
  return await new Promise<RunEnd>(() => undefined);
}

export function progress(step: string): RunEvent {
  return {
    type: 'progress',
    step,
    filesDone: 1,
    filesTotal: null,
    bytesDone: 1,
    bytesTotal: null,
    bytesPerSecond: null,
    secondsLeft: null,
    problems: 0,
  };
}
