/** Work that runs beside other work: the first failure of any ends all of it. */
export class Beside {
  readonly #controller = new AbortController();
  readonly #working = new Set<Promise<void>>();
  /** Aborted when the given one is, or when something failed. */
  readonly signal: AbortSignal;

  constructor(signal: AbortSignal | undefined) {
    this.signal = signal === undefined ? this.#controller.signal : AbortSignal.any([signal, this.#controller.signal]);
  }

  /** Resolves when fewer than so many are at work. */
  async room(limit: number): Promise<void> {
    while (this.#working.size >= limit) await Promise.race(this.#working);
  }

  start(work: Promise<void>): void {
    const watched = work.catch((error: unknown) => this.#controller.abort(error)).finally(() => this.#working.delete(watched));
    this.#working.add(watched);
  }

  /** Resolves when all that was started has ended; rejects with the first failure. */
  async ended(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working);
    this.signal.throwIfAborted();
  }

  /** Something else failed: ends all of it and rejects with what came first, when it has ended. */
  async fail(error: unknown): Promise<never> {
    this.#controller.abort(error);
    await this.ended();
    throw error;
  }
}
