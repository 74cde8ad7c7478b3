import { segmentBytes } from '../backup/content-store.ts';
import { Pulse } from './pulse.ts';

/** Stores the chunks of bytes that begin at a cut and returns their IDs; `onCut` hears how many of the bytes were used up. */
export type StorePiece = (bytes: Uint8Array, atEnd: boolean, onCut: (usedBytes: number) => void) => Promise<readonly string[]>;

export interface TakenContent {
  readonly content: readonly string[];
  readonly sizeBytes: number;
}

/** Bytes handed to threads and not yet stored, at most: what arrives faster than it is stored waits at its source. */
const inFlightLimitBytes = 48 << 20;

/**
 * Takes contents one after the other as they arrive and has them stored by several threads at once: a small file as one piece, a large one
 * in pieces of which the next is cut while the last is still being sealed.
 */
export class ContentIntake {
  readonly #storePiece: StorePiece;
  readonly #pulse = new Pulse();
  #inFlightBytes = 0;

  constructor(storePiece: StorePiece) {
    this.#storePiece = storePiece;
  }

  /**
   * Reads the content to its end. Returns then; `stored` resolves when all of it is. Rejects when the content ends in an error, with what
   * came before it dropped.
   */
  async take(bytes: AsyncIterable<Uint8Array>): Promise<{ readonly stored: Promise<TakenContent> }> {
    const pieces: Promise<readonly string[]>[] = [];
    let held: Uint8Array[] = [];
    let heldBytes = 0;
    let sizeBytes = 0;
    for await (const chunk of bytes) {
      for (let from = 0; from < chunk.byteLength; ) {
        const taken = chunk.subarray(from, from + segmentBytes - heldBytes);
        held.push(taken);
        heldBytes += taken.byteLength;
        sizeBytes += taken.byteLength;
        from += taken.byteLength;
        if (heldBytes < segmentBytes) continue;
        const rest = await this.#send(Buffer.concat(held), pieces);
        held = [rest];
        heldBytes = rest.byteLength;
      }
    }
    if (heldBytes > 0) await this.#sendLast(Buffer.concat(held), pieces);
    const stored = Promise.all(pieces).then((parts) => ({ content: parts.flat(), sizeBytes }));
    stored.catch(() => undefined); // whoever waits for it hears of it
    return { stored };
  }

  /** Has all the chunks stored that end in this piece, and returns what follows the last of them. */
  async #send(bytes: Uint8Array, pieces: Promise<readonly string[]>[]): Promise<Uint8Array> {
    const { promise: cut, resolve, reject } = Promise.withResolvers<number>();
    const piece = this.#start(bytes, false, resolve);
    piece.catch(reject);
    pieces.push(piece);
    const usedBytes = await cut;
    await this.#room();
    return bytes.subarray(usedBytes);
  }

  async #sendLast(bytes: Uint8Array, pieces: Promise<readonly string[]>[]): Promise<void> {
    pieces.push(this.#start(bytes, true, () => undefined));
    await this.#room();
  }

  #start(bytes: Uint8Array, atEnd: boolean, onCut: (usedBytes: number) => void): Promise<readonly string[]> {
    this.#inFlightBytes += bytes.byteLength;
    const piece = this.#storePiece(bytes, atEnd, onCut).finally(() => {
      this.#inFlightBytes -= bytes.byteLength;
      this.#pulse.beat();
    });
    piece.catch(() => undefined);
    return piece;
  }

  async #room(): Promise<void> {
    while (this.#inFlightBytes > inFlightLimitBytes) await this.#pulse.next();
  }
}
