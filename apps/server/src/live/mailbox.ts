/** Hands values from callbacks to one reader, in order. When the reader is too slow the oldest go: `key` says which are the same to it. */
export class Mailbox<T> {
  readonly #values = new Map<string, T>();
  readonly #key: (value: T) => string;
  #wake = Promise.withResolvers<void>();

  constructor(key: (value: T) => string) {
    this.#key = key;
  }

  put(value: T): void {
    const key = this.#key(value);
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#wake.resolve();
  }

  /** Everything that came since; waits for something, for the time, or for the signal, whichever is first. Never throws. */
  async take(timeoutMs: number, signal: AbortSignal): Promise<readonly T[]> {
    if (this.#values.size === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const end = (): void => resolve();
      const timer = setTimeout(end, timeoutMs);
      signal.addEventListener('abort', end);
      await Promise.race([this.#wake.promise, promise]);
      signal.removeEventListener('abort', end);
      clearTimeout(timer);
    }
    this.#wake = Promise.withResolvers();
    const values = [...this.#values.values()];
    this.#values.clear();
    return values;
  }
}
