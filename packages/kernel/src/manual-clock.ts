import type { Clock } from './clock.ts';

/** A clock for tests: time passes only by `advance`, which wakes the sleepers whose time has come. */
export class ManualClock implements Clock {
  #nowNs: bigint;
  readonly #sleepers = new Set<{ untilNs: bigint; wake: () => void }>();

  constructor(startNs: bigint) {
    this.#nowNs = startNs;
  }

  nowNs(): bigint {
    return this.#nowNs;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { untilNs: this.#nowNs + BigInt(Math.ceil(ms * 1e6)), wake: resolve };
    const abort = (): void => reject(signal?.reason);
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      await promise;
    } finally {
      this.#sleepers.delete(sleeper);
      signal?.removeEventListener('abort', abort);
    }
  }

  advance(ms: number): void {
    this.#nowNs += BigInt(Math.round(ms * 1e6));
    for (const sleeper of this.#sleepers) if (sleeper.untilNs <= this.#nowNs) sleeper.wake();
  }
}
