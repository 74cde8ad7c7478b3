import { CodedError } from '@holdfast/kernel';
import type { ContentBatch } from '../backup/backup-job.ts';
import { segmentBytes } from '../backup/content-store.ts';
import { Pulse } from './pulse.ts';

/** Stores contents and returns the IDs of the chunks of each; `onCut` hears how many bytes of a last one that goes on were used up. */
export type StoreContents = (batch: ContentBatch, onCut: (usedBytes: number) => void) => Promise<readonly (readonly string[])[]>;

export interface TakenContent {
  readonly content: readonly string[];
  readonly sizeBytes: number;
}

/** A batch goes to a thread once it holds this much: for one message for each small file the time would go into messages. */
const batchBytes = 1 << 20;
/**
 * Batches that are being filled or stored, at most: what arrives faster than it is stored waits at its source. Their memory is shared with
 * the threads and used again, since fresh memory is dear.
 */
const batchLimit = 6;
const memoryBytes = batchBytes + segmentBytes;

interface OpenBatch {
  readonly memory: Uint8Array;
  usedBytes: number;
  readonly ends: number[];
  readonly stored: PromiseWithResolvers<readonly (readonly string[])[]>;
}

/**
 * Takes contents one after the other as they arrive and has them stored by several threads at once: small files many together, a large one
 * in pieces of which the next is cut while the last is still being sealed.
 */
export class ContentIntake {
  readonly #store: StoreContents;
  readonly #batchLimit: number;
  readonly #pulse = new Pulse();
  readonly #freeMemory: Uint8Array[] = [];
  #batches = 0;
  #open: OpenBatch | undefined;

  /** `limit`: batches at once, two at least. */
  constructor(store: StoreContents, limit: number = batchLimit) {
    this.#store = store;
    this.#batchLimit = limit;
  }

  /** Another one for contents that are taken beside those of this one, with less memory. */
  beside(): ContentIntake {
    return new ContentIntake(this.#store, 2);
  }

  /**
   * Reads the content to its end. Returns then; `stored` resolves when all of it is, which takes a `flush` where nothing follows. Rejects when
   * the content ends in an error, with what came before it dropped.
   */
  async take(bytes: AsyncIterable<Uint8Array>): Promise<{ readonly stored: Promise<TakenContent> }> {
    const pieces: Promise<readonly string[]>[] = [];
    let batch = await this.#openBatch();
    let start = batch.usedBytes;
    let sizeBytes = 0;
    try {
      for await (const chunk of bytes) {
        for (let from = 0; from < chunk.byteLength; ) {
          const part = chunk.subarray(from, from + start + segmentBytes - batch.usedBytes);
          batch.memory.set(part, batch.usedBytes);
          batch.usedBytes += part.byteLength;
          sizeBytes += part.byteLength;
          from += part.byteLength;
          if (batch.usedBytes < start + segmentBytes) continue;
          pieces.push(endPiece(batch));
          const rest = await this.#sendOpenEnded(batch, start);
          batch = await this.#openBatch();
          batch.memory.set(rest);
          batch.usedBytes = rest.byteLength;
          start = 0;
        }
      }
    } catch (error) {
      batch.usedBytes = start;
      throw error;
    }
    if (batch.usedBytes > start) pieces.push(endPiece(batch));
    if (batch.usedBytes >= batchBytes) this.flush();
    const stored = Promise.all(pieces).then((parts) => ({ content: parts.flat(), sizeBytes }));
    stored.catch(() => undefined); // whoever waits for it hears of it
    return { stored };
  }

  /** Has stored what was taken and waits for more to be stored with it. */
  flush(): void {
    const batch = this.#open;
    if (batch === undefined || batch.ends.length === 0) return;
    this.#send(batch, true, () => undefined);
  }

  /** The batch that the next content goes into, once there is memory for it. */
  async #openBatch(): Promise<OpenBatch> {
    if (this.#open !== undefined) return this.#open;
    while (this.#batches >= this.#batchLimit) await this.#pulse.next();
    this.#batches += 1;
    const memory = this.#freeMemory.pop() ?? new Uint8Array(new SharedArrayBuffer(memoryBytes));
    const stored = Promise.withResolvers<readonly (readonly string[])[]>();
    stored.promise.catch(() => undefined);
    this.#open = { memory, usedBytes: 0, ends: [], stored };
    return this.#open;
  }

  /** Has the batch stored up to the last cut of its last content, which begins at `start`; returns what follows that cut. */
  async #sendOpenEnded(batch: OpenBatch, start: number): Promise<Uint8Array> {
    const { promise: rest, resolve, reject } = Promise.withResolvers<Uint8Array>();
    // Copied at once: as soon as the batch is stored its memory is another's.
    this.#send(batch, false, (usedBytes) => resolve(batch.memory.slice(start + usedBytes, batch.usedBytes)));
    batch.stored.promise.catch(reject);
    return await rest;
  }

  #send(batch: OpenBatch, isLastWhole: boolean, onCut: (usedBytes: number) => void): void {
    this.#open = undefined;
    const { ends, memory, stored, usedBytes } = batch;
    void this.#store({ bytes: memory.subarray(0, usedBytes), ends, isLastWhole }, onCut)
      .then(stored.resolve, stored.reject)
      .finally(() => {
        this.#batches -= 1;
        this.#freeMemory.push(memory);
        this.#pulse.beat();
      });
  }
}

/** Ends a content, or a piece of one, where the batch ends now. */
function endPiece({ ends, stored, usedBytes }: OpenBatch): Promise<readonly string[]> {
  const index = ends.push(usedBytes) - 1;
  const piece = stored.promise.then((contents) => contents[index] ?? unanswered());
  piece.catch(() => undefined);
  return piece;
}

function unanswered(): never {
  throw new CodedError({ code: 'internal', message: 'A thread stored fewer contents than it was given' });
}
