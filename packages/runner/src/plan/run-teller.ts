import type { LogLevel, RunEvent, RunProgress } from '@holdfast/contract';
import type { Clock } from '@holdfast/kernel';
import { SmoothedRate } from './smoothed-rate.ts';

/** How far a run is; what is left out is 0 or not known. */
export interface Advance {
  readonly step: string;
  readonly filesDone?: number;
  readonly filesTotal?: number | undefined;
  readonly bytesDone?: number;
  readonly bytesTotal?: number | undefined;
  readonly problems?: number;
}

const leastPauseNs = 250_000_000n;

/** Tells what a run does: log lines at once, progress at most four times a second. */
export class RunTeller {
  readonly #clock: Clock;
  readonly #onEvent: (event: RunEvent) => void;
  readonly #bytes = new SmoothedRate();
  readonly #files = new SmoothedRate();
  #step = '';
  #toldNs: bigint | undefined;
  #untold: Advance | undefined;

  constructor(clock: Clock, onEvent: (event: RunEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  log(level: LogLevel, text: string): void {
    this.#onEvent({ type: 'log', level, text });
  }

  advance(advance: Advance): void {
    const nowNs = this.#clock.nowNs();
    // How far a step came in the end is told before the next one begins.
    if (advance.step !== this.#untold?.step) this.finish();
    if (this.#toldNs !== undefined && nowNs - this.#toldNs < leastPauseNs && nowNs >= this.#toldNs) {
      this.#untold = advance;
      return;
    }
    this.#tell(advance, nowNs);
  }

  /** Tells the last progress, if it was held back. */
  finish(): void {
    if (this.#untold !== undefined) this.#tell(this.#untold, this.#clock.nowNs());
  }

  #tell(advance: Advance, nowNs: bigint): void {
    this.#untold = undefined;
    this.#toldNs = nowNs;
    if (advance.step !== this.#step) {
      this.#step = advance.step;
      this.#bytes.restart();
      this.#files.restart();
    }
    const { filesDone = 0, filesTotal, bytesDone = 0, bytesTotal, problems = 0 } = advance;
    this.#bytes.reach(bytesDone, nowNs);
    this.#files.reach(filesDone, nowNs);
    const progress: RunProgress = {
      type: 'progress',
      step: advance.step,
      filesDone,
      filesTotal: filesTotal ?? null,
      bytesDone,
      bytesTotal: bytesTotal ?? null,
      bytesPerSecond: bytesTotal === undefined && bytesDone === 0 ? null : this.#bytes.perSecond,
      secondsLeft: longest(this.#bytes.secondsTo(bytesTotal), this.#files.secondsTo(filesTotal)),
      problems,
    };
    this.#onEvent(progress);
  }
}

/** Many small files take longer than their bytes say, and few large ones longer than their number. */
function longest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
