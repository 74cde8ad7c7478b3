/** Lets at most `limit` through at a time. Those who wait enter in the reverse order of their coming, or in their order with `fifo`. */
export class Turnstile {
  readonly #limit: number;
  readonly #fifo: boolean;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(limit: number, order: 'lifo' | 'fifo') {
    this.#limit = limit;
    this.#fifo = order === 'fifo';
  }

  /** Runs `work` when there is room. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#inside += 1;
    try {
      return await work();
    } finally {
      const next = this.#fifo ? this.#waiting.shift() : this.#waiting.pop();
      if (next === undefined) this.#inside -= 1;
      else next();
    }
  }
}
