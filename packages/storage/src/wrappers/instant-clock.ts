import type { Clock } from '@holdfast/kernel';

/** A clock for tests of what waits: a sleep passes at once, and the time with it. */
export class InstantClock implements Clock {
  #nowNs = 0n;
  #sleptMs = 0;

  /** All sleeps so far. */
  get sleptMs(): number {
    return this.#sleptMs;
  }

  nowNs(): bigint {
    return this.#nowNs;
  }

  /** Lets time pass, or go back, without a sleep. */
  advance(ms: number): void {
    this.#nowNs += BigInt(Math.round(ms * 1e6));
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#sleptMs += ms;
    this.advance(ms);
  }
}
