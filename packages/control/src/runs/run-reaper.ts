import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import { endWithoutEvidence } from './end-without-evidence.ts';
import type { RunRow } from './run-row.ts';

/** How long a lease that has run out must have been seen unchanged: longer than a worker that lives takes to renew it. */
const watchedMs = 15_000;
/** Without a look at the clock, which may have been set back: nobody has renewed it for so long. */
const unchangedMs = 90_000;

interface Watched {
  readonly leaseUntilMs: number;
  readonly sinceMs: number;
}

export interface ReaperOptions {
  /** Milliseconds that only grow, whatever the clock is set to, also while the machine sleeps: `os.uptime() * 1000`. */
  readonly monotonicMs: () => number;
}

/**
 * Ends runs whose worker is gone as `interrupted`, so that nothing stays `running`; what is to be tried again is queued. A worker is gone when
 * its lease has run out and is not renewed while one watches, so that a clock that jumps kills no run that lives, or when it was not renewed
 * for a long time, whatever the clock says.
 */
export class RunReaper {
  readonly #context: ControlContext;
  readonly #monotonicMs: () => number;
  #watched = new Map<string, Watched>();

  constructor(context: ControlContext, { monotonicMs }: ReaperOptions) {
    this.#context = context;
    this.#monotonicMs = monotonicMs;
  }

  /** To be called every few seconds. Returns the ids of the runs that it ended. */
  async reap(): Promise<readonly string[]> {
    const rows = await this.#context.database.tables.selectFrom('run').selectAll().where('state', '=', 'running').execute();
    const [now, monotonic] = [nowMs(this.#context.clock), this.#monotonicMs()];
    const before = this.#watched;
    this.#watched = new Map();
    const ended: string[] = [];
    for (const run of rows) {
      const leaseUntilMs = run.lease_until_ms ?? 0;
      const key = `${run.id} ${run.fence}`;
      const known = before.get(key);
      const watched = known?.leaseUntilMs === leaseUntilMs ? known : { leaseUntilMs, sinceMs: monotonic };
      const seenMs = monotonic - watched.sinceMs;
      const isDead = (leaseUntilMs < now && seenMs >= watchedMs) || seenMs >= unchangedMs;
      if (isDead && (await interrupt(this.#context, run))) ended.push(run.id);
      else this.#watched.set(key, watched);
    }
    return ended;
  }
}

/**
 * Ends at once all runs of workers that are certainly dead: where only one process can have the database, those of every earlier one. Returns
 * their ids.
 */
export async function reapDeadRuns(context: ControlContext, isDead: (worker: string) => boolean): Promise<readonly string[]> {
  const rows = await context.database.tables.selectFrom('run').selectAll().where('state', '=', 'running').execute();
  const ended: string[] = [];
  for (const run of rows) if (isDead(run.worker ?? '') && (await interrupt(context, run))) ended.push(run.id);
  return ended;
}

async function interrupt(context: ControlContext, run: RunRow): Promise<boolean> {
  const reason = run.cancel_requested === 1 ? 'It was cancelled, and its worker is gone.' : 'Its worker went away in the middle of it.';
  const outcome = run.cancel_requested === 1 ? 'cancelled' : 'interrupted';
  const isEnded = await context.database.transaction(async (tables) => await endWithoutEvidence(context, tables, run, outcome, reason));
  if (isEnded) context.changes.publish({ noun: 'run', id: run.id });
  return isEnded;
}
