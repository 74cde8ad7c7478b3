import { BackupConfig } from '@holdfast/contract';
import { jitteredFire } from '../schedule/jitter.ts';
import { nextFire } from '../schedule/next-fire.ts';
import { parseSchedule } from '../schedule/schedule.ts';

export interface DefinitionRow {
  readonly backup_id: string;
  readonly version: number;
  /** BackupConfig as JSON. */
  readonly config: string;
  readonly changed_ms: number;
}

interface KnownFire {
  readonly fromMs: number;
  /** The first fire after it. Asked for any time between the two, the answer is the same. */
  readonly fireMs: number;
  /** With its jitter. */
  readonly dueMs: number | null;
}

/** One version of a backup, with what can be worked out from it. A version never changes, so that is done once. */
export class BackupDefinition {
  readonly config: BackupConfig;
  readonly version: number;
  readonly changedMs: number;
  readonly #id: string;
  #next: KnownFire | undefined;
  #due: KnownFire | undefined;

  constructor({ backup_id, version, config, changed_ms }: DefinitionRow) {
    this.#id = backup_id;
    this.version = version;
    this.changedMs = changed_ms;
    this.config = BackupConfig.parse(JSON.parse(config));
  }

  /** The first fire after now, with its jitter; null if there will be none. */
  nextRunMs(nowMs: number): number | null {
    this.#next = this.#fire(this.#next, nowMs);
    return this.#next.dueMs;
  }

  /** The same for a time that lies back and changes seldom, such as the last success. */
  dueMs(sinceMs: number): number | null {
    this.#due = this.#fire(this.#due, sinceMs);
    return this.#due.dueMs;
  }

  #fire(known: KnownFire | undefined, afterMs: number): KnownFire {
    if (known !== undefined && afterMs >= known.fromMs && afterMs < known.fireMs) return known;
    const { schedule, timeZone } = this.config;
    const parsed = schedule === null ? undefined : parseSchedule(schedule);
    const fire = parsed && nextFire(parsed, afterMs, timeZone);
    if (parsed === undefined || fire === undefined) return { fromMs: afterMs, fireMs: Number.POSITIVE_INFINITY, dueMs: null };
    const dueMs = jitteredFire(parsed, fire, timeZone, this.#id).epochMilliseconds;
    return { fromMs: afterMs, fireMs: fire.epochMilliseconds, dueMs };
  }
}
