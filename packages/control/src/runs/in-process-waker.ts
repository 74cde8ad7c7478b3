import type { Clock } from '@holdfast/kernel';
import type { RunWaker } from './run-waker.ts';

/** Wakes workers of this process. */
export class InProcessWaker implements RunWaker {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #isPending = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async wake(): Promise<void> {
    this.#isPending = this.#waiting.size === 0;
    for (const resolve of this.#waiting) resolve();
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (this.#isPending) {
      this.#isPending = false;
      return;
    }
    const ended = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const time = this.#clock.sleep(ms, AbortSignal.any([signal, ended.signal])).catch((error: unknown) => {
      if (!signal.aborted && !ended.signal.aborted) throw error;
    });
    try {
      await Promise.race([promise, time]);
    } finally {
      this.#waiting.delete(resolve);
      ended.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const resolve of this.#waiting) resolve();
  }
}
