/** Bytes handed from a writer to a reader, one block at a time: `write` resolves when the reader has come back for more. */
export class ByteQueue implements AsyncIterable<Uint8Array> {
  #waiting: { readonly bytes: Uint8Array; readonly taken: PromiseWithResolvers<void> } | undefined;
  #change = Promise.withResolvers<void>();
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  /** One write at a time. Rejects when nobody reads any more. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#ended) throw new Error('written after the end');
    const taken = Promise.withResolvers<void>();
    this.#waiting = { bytes, taken };
    this.#wake();
    await taken.promise;
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Nobody reads any more: every write rejects with the error. */
  close(error: unknown): void {
    this.#failure ??= { error };
    this.#waiting?.taken.reject(this.#failure.error);
    this.#waiting = undefined;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const waiting = this.#waiting;
        if (waiting !== undefined) {
          yield waiting.bytes;
          if (this.#waiting === waiting) this.#waiting = undefined;
          waiting.taken.resolve();
        } else if (this.#ended || this.#failure !== undefined) return;
        else await this.#change.promise;
      }
    } finally {
      this.close(new Error('nobody reads any more'));
    }
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
