import type { ControlContext } from '../control-context.ts';
import { carryOutRun, defaultRunTimes, type RunTimes } from './carry-out-run.ts';
import { defaultRunLimits, type RunLimits } from './choose-run.ts';
import { claimRun, type Worker, workerText } from './claim-run.ts';
import type { Executor } from './executor.ts';
import { cancelledRuns } from './hold-lease.ts';
import { RunControl } from './run-control.ts';
import { RunReaper } from './run-reaper.ts';
import type { ClaimedRun } from './run-row.ts';
import type { RunWaker } from './run-waker.ts';

export interface RunDispatcherOptions {
  readonly executor: Executor;
  readonly waker: RunWaker;
  readonly worker: Worker;
  /** For what goes wrong in the background, such as a database that does not answer. The dispatcher goes on. */
  readonly onFault: (error: unknown) => void;
  readonly limits?: Partial<RunLimits>;
  readonly times?: Partial<RunTimes>;
  /** How long to wait when there is nothing to do and nobody wakes. Default 2 s. */
  readonly pollMs?: number;
  /** How often dead runs are looked for. Default 5 s. */
  readonly reapMs?: number;
  /** Milliseconds that only grow, also while the machine sleeps: `os.uptime() * 1000`. */
  readonly monotonicMs: () => number;
}

/**
 * The loop of a worker: claims runs while the limits allow, carries each out in a process of its own, and ends those of workers that died.
 * A run that hangs takes its own place only.
 */
export class RunDispatcher implements AsyncDisposable {
  readonly #context: ControlContext;
  readonly #options: RunDispatcherOptions;
  readonly #limits: RunLimits;
  readonly #times: RunTimes;
  readonly #reaper: RunReaper;
  readonly #running = new Map<string, { readonly control: RunControl; readonly ended: Promise<void> }>();
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #reapedAtMs = Number.NEGATIVE_INFINITY;

  constructor(context: ControlContext, options: RunDispatcherOptions) {
    this.#context = context;
    this.#options = options;
    this.#limits = { ...defaultRunLimits, ...options.limits };
    this.#times = { ...defaultRunTimes, ...options.times };
    this.#reaper = new RunReaper(context, options);
  }

  /** Begins to claim runs. */
  start(): void {
    this.#loop ??= this.#work();
  }

  /** The ids of the runs that it works at. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Stops a run of this worker at once, without waiting for the next look at the database. False if it works at none of that id. */
  cancel(runId: string): boolean {
    const run = this.#running.get(runId);
    run?.control.cancel();
    return run !== undefined;
  }

  /** Claims no more. Runs that work may end by themselves in that time; then they are stopped, end as `interrupted` and are queued again. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    const ended = new AbortController();
    const all = Promise.all([...this.#running.values()].map(async (run) => await run.ended)).then(() => ended.abort());
    const late = this.#context.clock.sleep(deadlineMs, ended.signal).then(
      () => {
        for (const { control } of this.#running.values()) control.stop('shutdown');
      },
      (error: unknown) => {
        if (!ended.signal.aborted) throw error;
      },
    );
    await Promise.all([all, late]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(0);
  }

  async #work(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        this.#options.onFault(error);
      }
      await this.#options.waker.wait(this.#options.pollMs ?? 2_000, this.#stopping.signal).catch(this.#options.onFault);
    }
  }

  async #step(): Promise<void> {
    const now = this.#options.monotonicMs();
    if (now - this.#reapedAtMs >= (this.#options.reapMs ?? 5_000)) {
      this.#reapedAtMs = now;
      await this.#reaper.reap();
    }
    if (this.#running.size > 0) {
      for (const id of await cancelledRuns(this.#context, workerText(this.#options.worker))) this.cancel(id);
    }
    for (let claimed = 0; !this.#stopping.signal.aborted; claimed++) {
      if (this.#running.size >= this.#limits.perHost) {
        // There may be more than fits here: another worker may have room.
        if (claimed > 0) await this.#options.waker.wake();
        return;
      }
      const run = await claimRun(this.#context, this.#options.worker, { limits: this.#limits, leaseMs: this.#times.leaseMs });
      if (run === undefined) return;
      this.#begin(run);
    }
  }

  #begin(run: ClaimedRun): void {
    const control = new RunControl();
    if (run.cancel_requested === 1) control.cancel();
    const { executor, onFault } = this.#options;
    const options = { context: this.#context, executor, control, times: this.#times, onFault };
    const ended = carryOutRun(run, options)
      .catch(onFault)
      .then(async () => {
        this.#running.delete(run.id);
        await this.#options.waker.wake();
      })
      .catch(onFault);
    this.#running.set(run.id, { control, ended });
    this.#context.changes.publish({ noun: 'run', id: run.id });
  }
}
