/** The bytes of a stream that have arrived and were not consumed yet, for a parser that waits (`yield`) when it needs more. */
export class ByteCursor {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  /** How many bytes can be consumed now. */
  get available(): number {
    return this.#bytes.byteLength - this.#at;
  }

  add(piece: Uint8Array): void {
    this.#bytes = this.available === 0 ? piece : Buffer.concat([this.#bytes.subarray(this.#at), piece]);
    this.#at = 0;
  }

  /** Copies what is left, so that the memory of the last piece may be used again by whoever gave it. */
  detach(): void {
    this.#bytes = this.#bytes.slice(this.#at);
    this.#at = 0;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new Error('a byte was read that has not arrived');
    this.#at += 1;
    return value;
  }

  /** So many bytes, which stay valid until the next `add`. */
  take(count: number): Uint8Array {
    const taken = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += taken.byteLength;
    return taken;
  }

  skip(count: number): void {
    this.#at += count;
  }
}

/** Waits until so many bytes are there. */
export function* awaitBytes(cursor: ByteCursor, count: number): Generator<undefined, void> {
  while (cursor.available < count) yield;
}

/** Skips so many bytes as they arrive, with none of them kept. */
export function* skipBytes(cursor: ByteCursor, count: number): Generator<undefined, void> {
  let left = count;
  while (left > cursor.available) {
    left -= cursor.available;
    cursor.skip(cursor.available);
    yield;
  }
  cursor.skip(left);
}
