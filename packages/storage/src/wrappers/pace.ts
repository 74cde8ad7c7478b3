import type { Clock } from '@holdfast/kernel';

/** Debt below this is carried on instead of slept off, as timers are no finer. */
const shortestSleepMs = 10;

/** Holds a flow of bytes to a rate. Everybody who takes from the same pace shares it. */
export class Pace {
  readonly #clock: Clock;
  readonly #bytesPerMs: number;
  #debtBytes = 0;
  #atNs: bigint;

  constructor(clock: Clock, bytesPerSecond: number) {
    this.#clock = clock;
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#atNs = clock.nowNs();
  }

  /** Resolves when so many bytes more may have passed. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    const nowNs = this.#clock.nowNs();
    // A clock that was set back repays nothing; it must not add to the debt.
    const repaidBytes = Math.max(0, Number(nowNs - this.#atNs) / 1e6) * this.#bytesPerMs;
    this.#atNs = nowNs;
    this.#debtBytes = Math.max(0, this.#debtBytes - repaidBytes) + bytes;
    const waitMs = this.#debtBytes / this.#bytesPerMs;
    if (waitMs >= shortestSleepMs) await this.#clock.sleep(waitMs, signal);
  }
}
