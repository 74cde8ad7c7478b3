/** As much as a pipe of Linux holds. */
const defaultRoomBytes = 64 * 1024;

/**
 * A pipe in memory with one writer and one reader. It takes bytes until its room is used up, and then lets the writer wait: two streams that
 * share a connection do not stop each other for the few lines that one of them writes, and memory stays bounded when nobody reads.
 */
export class BoundedPipe implements AsyncIterable<Uint8Array> {
  readonly #roomBytes: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #change = Promise.withResolvers<void>();
  #end: { readonly failure?: { readonly error: unknown } } | undefined;
  #isAbandoned = false;

  constructor(roomBytes = defaultRoomBytes) {
    this.#roomBytes = roomBytes;
  }

  /** True when the reader left before the end. What is written then goes nowhere. */
  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Resolves when there is room for more, one write at a time. */
  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.#isAbandoned || this.#end !== undefined) return;
    this.#held.push(unshared(bytes));
    this.#heldBytes += bytes.length;
    this.#wake();
    while (this.#heldBytes >= this.#roomBytes && !this.#isAbandoned && this.#end === undefined) await this.#change.promise;
  }

  /** No more comes: the reader gets what is held, then the end. */
  end(): void {
    this.#end ??= {};
    this.#wake();
  }

  /** The reader gets the error at once, and not what is held. */
  fail(error: unknown): void {
    if (this.#end?.failure !== undefined) return;
    this.#end = { failure: { error } };
    this.#drop();
  }

  /** Resolves once it has ended and the reader has got everything, or does not want it. */
  async drained(): Promise<void> {
    while (!this.#isAbandoned && (this.#end === undefined || this.#heldBytes > 0)) await this.#change.promise;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        if (this.#end?.failure !== undefined) throw this.#end.failure.error;
        const bytes = this.#held.shift();
        if (bytes !== undefined) {
          this.#heldBytes -= bytes.length;
          this.#wake();
          yield bytes;
        } else if (this.#end !== undefined) return;
        else await this.#change.promise;
      }
    } finally {
      this.#isAbandoned = true;
      this.#drop();
    }
  }

  #drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#wake();
  }

  #wake(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}

/** A short piece must not keep alive the large block that it is a part of. */
function unshared(bytes: Uint8Array): Uint8Array {
  return bytes.length * 4 < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes;
}
