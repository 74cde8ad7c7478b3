/** Reads exact lengths out of a stream whose pieces have any length. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** So many bytes, or fewer (none at all) when the stream ends before. */
  async take(length: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    let missing = length;
    while (missing > 0) {
      const part = await this.some(missing);
      if (part === undefined) break;
      parts.push(part);
      missing -= part.byteLength;
    }
    const first = parts[0];
    return parts.length === 1 && first !== undefined ? Buffer.from(first.buffer, first.byteOffset, first.byteLength) : Buffer.concat(parts);
  }

  /** What is there next, at least one byte and at most `limit`; undefined at the end. */
  async some(limit: number): Promise<Uint8Array | undefined> {
    while (this.#piece.byteLength === 0) {
      const next = await this.#source.next();
      if (next.done === true) return undefined;
      this.#piece = next.value;
    }
    const part = this.#piece.subarray(0, limit);
    this.#piece = this.#piece.subarray(part.byteLength);
    return part;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }
}
