/** Wakes whoever waits for something to move on: they look again whether it is what they wait for. */
export class Pulse {
  #next = Promise.withResolvers<void>();

  beat(): void {
    this.#next.resolve();
    this.#next = Promise.withResolvers<void>();
  }

  /** Resolves at the next beat. */
  next(): Promise<void> {
    return this.#next.promise;
  }
}
