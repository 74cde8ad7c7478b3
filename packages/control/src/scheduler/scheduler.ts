import { BackupConfig } from '@holdfast/contract';
import type { ControlContext } from '../control-context.ts';
import { nowMs } from '../now-ms.ts';
import type { RunWaker } from '../runs/run-waker.ts';
import { ClockWatch, clockToleranceMs } from './clock-watch.ts';
import { nextLookMs } from './due-fires.ts';
import { scheduleBackup } from './schedule-backup.ts';
import { scheduleMaintenance } from './schedule-maintenance.ts';
import { tellOverdue } from './tell-overdue.ts';

export interface SchedulerOptions {
  readonly waker: RunWaker;
  /** For what goes wrong in the background: a database that does not answer, a backup whose configuration cannot be read. It goes on. */
  readonly onFault: (error: unknown) => void;
  /** Milliseconds that only grow, also while the machine sleeps: `os.uptime() * 1000`. */
  readonly monotonicMs: () => number;
  /** How often it looks. Default 15 s. */
  readonly everyMs?: number;
}

/** How often maintenance is looked at, and what is overdue. */
const slowEveryMs = 5 * 60_000;

interface Known {
  readonly version: number;
  readonly scheduledUntilMs: number;
  readonly config: BackupConfig;
  readonly nextLookMs: number;
}

/** Turns schedules into queued runs. Any number of schedulers may work at one database: no fire gets two runs. */
export class Scheduler implements AsyncDisposable {
  readonly #context: ControlContext;
  readonly #options: SchedulerOptions;
  readonly #watch: ClockWatch;
  readonly #stopping = new AbortController();
  /** By the id of the backup: what its next fire is was worked out once. */
  readonly #known = new Map<string, Known>();
  #slowAtMs = Number.NEGATIVE_INFINITY;
  #loop: Promise<void> | undefined;

  constructor(context: ControlContext, options: SchedulerOptions) {
    this.#context = context;
    this.#options = options;
    this.#watch = new ClockWatch(context.database, context.clock, options.monotonicMs);
  }

  start(): void {
    this.#loop ??= this.#work();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  /**
   * Looks once: queues what has become due since the last look, whoever looked. One backup that cannot be scheduled does not keep others from
   * it: it is told to `onFault`. Returns how many backups changed.
   */
  async tick(): Promise<number> {
    await this.#watch.look();
    let changed = await this.#scheduleBackups();
    const monotonic = this.#options.monotonicMs();
    if (monotonic - this.#slowAtMs >= slowEveryMs) {
      this.#slowAtMs = monotonic;
      changed += await scheduleMaintenance(this.#context);
      await tellOverdue(this.#context);
    }
    if (changed > 0) await this.#options.waker.wake();
    return changed;
  }

  async #work(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      try {
        await this.tick();
      } catch (error) {
        this.#options.onFault(error);
      }
      try {
        await this.#context.clock.sleep(this.#options.everyMs ?? 15_000, this.#stopping.signal);
      } catch (error) {
        if (!this.#stopping.signal.aborted) throw error;
      }
    }
  }

  async #scheduleBackups(): Promise<number> {
    const rows = await this.#context.database.tables
      .selectFrom('backup')
      .select(['id', 'name', 'version', 'scheduled_until_ms'])
      .where('paused', '=', 0)
      .orderBy('id')
      .execute();
    const there = new Set(rows.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    let changed = 0;
    for (const { id, name, version, scheduled_until_ms } of rows) {
      try {
        const known = await this.#look(id, version, scheduled_until_ms);
        const now = nowMs(this.#context.clock);
        if (known.config.schedule === null) continue;
        if (now < known.nextLookMs && scheduled_until_ms <= now + clockToleranceMs) continue;
        const backup = { id, name, scheduledUntilMs: scheduled_until_ms, config: known.config };
        if (!(await scheduleBackup(this.#context, backup))) continue;
        changed++;
        this.#context.changes.publish({ noun: 'backup', id });
      } catch (error) {
        this.#options.onFault(error);
      }
    }
    return changed;
  }

  async #look(id: string, version: number, scheduledUntilMs: number): Promise<Known> {
    const known = this.#known.get(id);
    if (known?.version === version && known.scheduledUntilMs === scheduledUntilMs) return known;
    const config = known?.version === version ? known.config : await this.#config(id, version);
    const fresh = { version, scheduledUntilMs, config, nextLookMs: nextLookMs(config, scheduledUntilMs) };
    this.#known.set(id, fresh);
    return fresh;
  }

  async #config(id: string, version: number): Promise<BackupConfig> {
    const row = await this.#context.database.tables
      .selectFrom('backup_version')
      .select('config')
      .where('backup_id', '=', id)
      .where('version', '=', version)
      .executeTakeFirstOrThrow();
    return BackupConfig.parse(JSON.parse(row.config));
  }
}
