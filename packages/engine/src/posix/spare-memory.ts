/**
 * Memory of packs that are stored, for those that come next: fresh memory costs a page fault for every few kilobytes. Shared by all
 * destinations of a run, whose packs fill and go at different times.
 */
export class SpareMemory {
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  readonly #most: number;

  /** Keeps memory of up to `most` packs that nobody uses. */
  constructor(most: number) {
    this.#most = most;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.#spare.pop();
  }

  /** What is too much goes back to the system now, not when the collector gets to it. */
  give(memory: Uint8Array<ArrayBuffer>): void {
    if (this.#spare.length < this.#most) this.#spare.push(memory);
    else memory.buffer.transfer(0);
  }
}
