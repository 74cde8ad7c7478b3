/** The last bytes of a stream that is still being read. */
export class Tail {
  readonly #limitBytes: number;
  readonly #parts: Uint8Array[] = [];
  #heldBytes = 0;
  #passedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** How many bytes came so far: what `text` may be asked to begin at. */
  get position(): number {
    return this.#passedBytes;
  }

  add(bytes: Uint8Array): void {
    // A copy, so that the large block that a short line may be a part of is not kept with it.
    const part = bytes.slice(-this.#limitBytes);
    this.#parts.push(part);
    this.#heldBytes += part.length;
    this.#passedBytes += bytes.length;
    for (let first = this.#parts[0]; first !== undefined && this.#heldBytes - first.length >= this.#limitBytes; first = this.#parts[0]) {
      this.#heldBytes -= first.length;
      this.#parts.shift();
    }
  }

  /** What is held, from that position on, as text for people. */
  text(from = 0): string {
    const count = Math.min(this.#limitBytes, Math.max(0, this.#passedBytes - from));
    return count === 0 ? '' : plainText(Buffer.concat(this.#parts).subarray(-count));
  }
}

/** Reads a stream to its end and returns its last `limitBytes` as text for people: other hosts wrote it, so it is cleaned by `plainText`. */
export async function collectTail(stream: AsyncIterable<Uint8Array>, limitBytes = 16 * 1024): Promise<string> {
  const tail = new Tail(limitBytes);
  for await (const bytes of stream) tail.add(bytes);
  return tail.text();
}

/** Bytes that another host sent as text that can do nothing to a terminal or a log: control characters but newline and tab become U+FFFD. */
export function plainText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n');
  return text.replaceAll(/[^\P{Cc}\n\t]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}
