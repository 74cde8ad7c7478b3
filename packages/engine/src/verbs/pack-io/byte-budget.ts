interface Waiter {
  readonly bytes: number;
  readonly wake: () => void;
}

/** Bounds the bytes held in memory at once. What is larger than the whole budget is let in alone. First come, first served. */
export class ByteBudget {
  readonly #limitBytes: number;
  readonly #waiting: Waiter[] = [];
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Resolves when there is room for so many bytes; give them back with `release`. */
  async acquire(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#heldBytes += bytes;
      return;
    }
    await new Promise<void>((wake) => this.#waiting.push({ bytes, wake }));
  }

  release(bytes: number): void {
    this.#heldBytes -= bytes;
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || !this.#fits(next.bytes)) return;
      this.#waiting.shift();
      this.#heldBytes += next.bytes;
      next.wake();
    }
  }

  #fits(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#limitBytes;
  }
}
