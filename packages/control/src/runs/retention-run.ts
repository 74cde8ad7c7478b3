import type { ForgetReport, MeasureReport, RepositoryAccess, RunPlan, RunReport } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import { nowMs } from '../now-ms.ts';
import { applyCap } from '../retention/apply-cap.ts';
import { planRetention } from '../retention/plan-retention.ts';
import type { RetentionPlan } from '../retention/retention-plan.ts';
import { clockDoubt } from '../scheduler/clock-watch.ts';
import { backupConfigOf } from './backup-config-of.ts';
import { maintenanceLimitMs, repositoryOf } from './build-plan.ts';
import type { RetentionEvidence } from './evidence.ts';
import { executeWithin } from './execute-within.ts';
import type { ProcessExit } from './executor.ts';
import { isCleanExit } from './facts.ts';
import { reported } from './reported.ts';
import { newestRunDoubt, type RecordedSnapshot, recordedSnapshots, snapshotDoubts } from './retention-doubt.ts';
import type { ClaimedRun } from './run-row.ts';
import type { Gathered, RunTools } from './run-tools.ts';

/**
 * Removes what a backup's policy does not keep on one storage server: lists, decides, removes by explicit ids, and proves it by listing again.
 * In any doubt it removes nothing and fails.
 */
export async function carryOutRetention(tools: RunTools, run: ClaimedRun): Promise<Gathered> {
  const pass = new RetentionPass(tools, run);
  try {
    await pass.work();
    return pass.result(null);
  } catch (error) {
    tools.recorder.log('error', reported(error).message);
    return pass.result(error);
  }
}

class RetentionPass {
  readonly #tools: RunTools;
  readonly #run: ClaimedRun;
  readonly #exits: ProcessExit[] = [];
  #planned: readonly string[] | null = null;
  #kept: readonly string[] = [];
  #report: RunReport | undefined;
  #gone: readonly string[] = [];

  constructor(tools: RunTools, run: ClaimedRun) {
    this.#tools = tools;
    this.#run = run;
  }

  result(thrown: unknown): Gathered {
    const { control } = this.#tools;
    const evidence: RetentionEvidence = {
      kind: 'retention',
      runId: this.#run.id,
      exits: this.#exits,
      report: this.#report,
      failure: thrown === null ? null : reported(thrown),
      cancelRequested: control.cancelRequested,
      stopped: control.stopped,
      planned: this.#planned,
      kept: this.#kept,
    };
    return { evidence, report: this.#report, gone: this.#gone };
  }

  async work(): Promise<void> {
    const { context, recorder } = this.#tools;
    const { tables } = context.database;
    const [backupId, storageServerId] = [String(this.#run.backup_id), String(this.#run.storage_server_id)];
    const config = await backupConfigOf(tables, this.#run.backup_id, this.#run.config_version);
    const repository = await repositoryOf(context, this.#run);
    const now = nowMs(context.clock);
    const recorded = await recordedSnapshots(tables, backupId, storageServerId);
    requireNone([
      await clockDoubt(tables, context.clock),
      await newestRunDoubt(tables, backupId, storageServerId),
      ...snapshotDoubts(recorded, now),
    ]);
    const plan = (snapshots: readonly RecordedSnapshot[]): RetentionPlan =>
      planRetention({
        policy: config.retention,
        snapshots: snapshots.map(({ snapshotId, timeMs, bytes, pinned, complete }) => ({
          id: snapshotId,
          timeMs,
          bytes: bytes ?? 0,
          pinned,
          complete,
        })),
        nowMs: now,
        zone: config.timeZone,
      });
    const first = plan(recorded);
    if (removals(first).length === 0 && !mayExceedCap(first, recorded)) {
      this.#decide(first);
      recorder.log('info', `All ${recorded.length} snapshots stay.`);
      return;
    }
    const measured = await this.#measure(repository, mayExceedCap(first, recorded) ? (first.cap?.order ?? []) : []);
    const present = new Set(measured.present);
    const there = recorded.filter(({ snapshotId }) => present.has(snapshotId));
    const newest = recorded.toSorted((a, b) => b.timeMs - a.timeMs)[0];
    requireNone([newest !== undefined && !present.has(newest.snapshotId) && 'The storage server does not list the newest snapshot.']);
    const missing = recorded.filter(({ snapshotId }) => !present.has(snapshotId));
    this.#gone = missing.map(({ snapshotId }) => snapshotId);
    if (missing.length > 0) recorder.log('warning', `${missing.length} snapshots were removed by another program.`);
    this.#decide(withCap(plan(there), there, first, measured));
    const planned = this.#planned ?? [];
    if (planned.length === 0) return;
    recorder.log('info', `Removing ${planned.length} of ${there.length} snapshots.`);
    await this.#forget(repository, planned);
  }

  #decide(plan: RetentionPlan): void {
    this.#planned = removals(plan);
    this.#kept = plan.entries.filter(({ keep }) => keep).map(({ id }) => id);
  }

  async #measure(repository: RepositoryAccess, snapshotIds: readonly string[]): Promise<MeasureReport> {
    const report = await this.#execute({ kind: 'measure', ...this.#every(), repository, snapshotIds: [...snapshotIds] });
    const isWhole = report?.kind === 'measure' && report.ended && report.error === null && report.runId === this.#run.id;
    if (isWhole && this.#exits.every(isCleanExit)) return report;
    throw doubtError(report?.error?.message ?? 'The snapshots of the storage server could not be listed.');
  }

  async #forget(repository: RepositoryAccess, snapshotIds: readonly string[]): Promise<void> {
    const report = await this.#execute({ kind: 'forget', ...this.#every(), repository, snapshotIds: [...snapshotIds] });
    const forget: ForgetReport | undefined = report?.kind === 'forget' ? report : undefined;
    const remaining = new Set(forget?.remaining);
    const planned = new Set(snapshotIds);
    // What remains there of other backups can be many thousands, and is no evidence for this one.
    const own = planned.union(new Set(this.#kept));
    this.#report = forget === undefined ? report : { ...forget, remaining: forget.remaining.filter((id) => own.has(id)) };
    const removed = forget?.removed.filter((id) => planned.has(id) && !remaining.has(id)) ?? [];
    this.#gone = [...this.#gone, ...removed];
  }

  #every(): { runId: string; title: string } {
    return { runId: this.#run.id, title: this.#run.title };
  }

  async #execute(plan: RunPlan): Promise<RunReport | undefined> {
    const { context, executor, control, recorder, graceMs } = this.#tools;
    control.signal.throwIfAborted();
    const onEvent = recorder.add.bind(recorder);
    const end = await executeWithin(executor, plan, { clock: context.clock, control, timeLimitMs: maintenanceLimitMs, graceMs, onEvent });
    this.#exits.push(end.exit);
    if (end.report === undefined && end.stderrTail !== '') recorder.log('error', end.stderrTail);
    return end.report;
  }
}

function removals({ entries }: RetentionPlan): string[] {
  return entries.filter(({ keep }) => !keep).map(({ id }) => id);
}

/**
 * Whether the cap can be reached: what the content is in the source, with room for what describes it, is the most that snapshots can occupy.
 * What they added when they were made says less: they also hold what earlier ones added that are gone, and what other backups did.
 */
function mayExceedCap({ cap }: RetentionPlan, snapshots: readonly RecordedSnapshot[]): boolean {
  if (cap === null) return false;
  const kept = new Set(cap.order);
  const most = snapshots
    .filter(({ snapshotId }) => kept.has(snapshotId))
    .map(({ bytes, files }) => (bytes === null || files === null ? Number.POSITIVE_INFINITY : bytes * 1.01 + files * 1_000 + 1_048_576));
  return most.reduce((sum, bytes) => sum + bytes, 0) > cap.capBytes;
}

/** Applies the cap by what was measured. Snapshots that went away meanwhile change what the others occupy: then it waits for the next time. */
function withCap(
  plan: RetentionPlan,
  there: readonly RecordedSnapshot[],
  asked: RetentionPlan,
  { growthBytes, missing }: MeasureReport,
): RetentionPlan {
  if (!mayExceedCap(plan, there)) return { ...plan, cap: null };
  const isSame = plan.cap?.order.length === asked.cap?.order.length && plan.cap?.order.every((id, index) => id === asked.cap?.order[index]);
  if (missing.length > 0 || isSame !== true) return { ...plan, cap: null };
  return applyCap(plan, growthBytes);
}

function requireNone(doubts: readonly (string | false | undefined)[]): void {
  const words = doubts.filter((doubt) => typeof doubt === 'string');
  if (words.length > 0) throw doubtError(words.join(' '));
}

function doubtError(words: string): CodedError {
  return new CodedError({
    code: 'retention-in-doubt',
    message: `Nothing was removed. ${words}`,
    hint: 'It goes on by itself after a run that succeeded there, with a clock that is right.',
    retry: 'temporary',
  });
}
