/** Bounds the bytes held at once. Who asks first gets room first; more than the whole budget gets it when nothing else is held. */
export class ByteBudget {
  readonly #limitBytes: number;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  #heldBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Resolves when there is room; the result gives it back. */
  async take(bytes: number): Promise<Disposable> {
    if (this.#waiting.length > 0 || !this.#fits(bytes)) await new Promise<void>((start) => this.#waiting.push({ bytes, start }));
    else this.#heldBytes += bytes;
    return { [Symbol.dispose]: () => this.#giveBack(bytes) };
  }

  #fits(bytes: number): boolean {
    return this.#heldBytes === 0 || this.#heldBytes + bytes <= this.#limitBytes;
  }

  #giveBack(bytes: number): void {
    this.#heldBytes -= bytes;
    for (let next = this.#waiting[0]; next !== undefined && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#heldBytes += next.bytes;
      next.start();
    }
  }
}
