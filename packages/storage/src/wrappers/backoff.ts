import type { Clock, RandomSource } from '@holdfast/kernel';

const firstWaitMs = 500;
const longestWaitMs = 60_000;

/**
 * How long to wait before the next try: 500 ms, then twice as long each time up to a minute, each spread by ± 50 % so that many who failed
 * together do not come back together. The time is counted from the first failure, so that a call which itself takes long is still tried again.
 */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #totalMs: number;
  #failedAtNs: bigint | undefined;
  #waitedMs = 0;
  #failures = 0;

  constructor(clock: Clock, random: RandomSource, totalMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#totalMs = totalMs;
  }

  /** Failures since the start or the last `succeeded`. */
  get failures(): number {
    return this.#failures;
  }

  /** Takes note of a failure. The wait before the next try, or nothing when the time is used up. */
  failed(): number | undefined {
    const nowNs = this.#clock.nowNs();
    this.#failedAtNs ??= nowNs;
    const middleMs = Math.min(firstWaitMs * 2 ** this.#failures, longestWaitMs);
    this.#failures++;
    const waitMs = Math.round(middleMs / 2) + this.#random.below(middleMs + 1);
    // The sum of the waits bounds it also where the clock was set back.
    const spentMs = Math.max(this.#waitedMs, Number(nowNs - this.#failedAtNs) / 1e6);
    if (spentMs + waitMs > this.#totalMs) return undefined;
    this.#waitedMs += waitMs;
    return waitMs;
  }

  /** There was progress: the next failure is a first one again. */
  succeeded(): void {
    this.#failedAtNs = undefined;
    this.#waitedMs = 0;
    this.#failures = 0;
  }
}
