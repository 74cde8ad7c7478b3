import { readSync } from 'node:fs';
import type { Chunker } from '../../chunker/chunker.ts';
import { adviseSoon } from '../../posix/read-advice.ts';
import type { ContentBatch } from './backup-job.ts';
import type { BlobSealer } from './blob-sealer.ts';

export interface StoredContent {
  readonly content: string[];
  readonly sizeBytes: number;
}

/** Bytes that a segment of a large file covers; longer than the longest chunk, so that every segment but the last has a cut. */
export const segmentBytes = 12 << 20;

/**
 * Reads content, cuts it into chunks and stores them. Bytes are read straight into the chunker's WebAssembly memory and sealed from there.
 */
export class ContentStore {
  readonly #chunker: Chunker;
  readonly #sealer: BlobSealer;

  constructor(chunker: Chunker, sealer: BlobSealer) {
    this.#chunker = chunker;
    this.#sealer = sealer;
  }

  /** Stores the whole file from the descriptor's position on, however long it turns out to be. */
  storeFile(fd: number, expectedBytes: number): StoredContent {
    const { buffer } = this.#chunker;
    const content: string[] = [];
    let sizeBytes = 0;
    let end = 0;
    let scanned = 0;
    let atEnd = false;
    while (!atEnd) {
      // A read that returns less than it may has met the end: asking for one byte more than expected saves the second call.
      const wanted = Math.min(buffer.byteLength - end, Math.max(expectedBytes + 1 - sizeBytes, 65536));
      const got = readSync(fd, buffer, end, wanted, null);
      atEnd = got < wanted && (got === 0 || sizeBytes + got >= expectedBytes);
      end += got;
      sizeBytes += got;
      if (!atEnd && end < buffer.byteLength) continue;
      const rest = this.#storeChunks(0, scanned, end, atEnd, content);
      buffer.copyWithin(0, rest, end);
      end -= rest;
      scanned = end;
    }
    return { content, sizeBytes };
  }

  /**
   * Stores the chunks that end inside the next segment of a file, beginning at a cut. `onCut` hears where the next segment begins before
   * the chunks are hashed and sealed, so that another thread can go on cutting meanwhile.
   */
  storeSegment(fd: number, offset: number, onCut: (nextOffset: number, atEnd: boolean) => void): StoredContent {
    const { buffer } = this.#chunker;
    adviseSoon(fd, offset, 2 * segmentBytes); // also what the next thread will want
    let end = 0;
    let atEnd = false;
    while (end < segmentBytes && !atEnd) {
      const got = readSync(fd, buffer, end, segmentBytes - end, offset + end);
      atEnd = got === 0;
      end += got;
    }
    return this.#storeCut(end, atEnd, (used) => onCut(offset + used, atEnd));
  }

  /** Stores contents at hand and returns the IDs of each. `onCut` hears how many bytes of a last one that goes on were used up. */
  storeBatch({ bytes, ends, isLastWhole }: ContentBatch, onCut: (usedBytes: number) => void): string[][] {
    let from = 0;
    return ends.map((end, i) => {
      const atEnd = isLastWhole || i < ends.length - 1;
      this.#chunker.buffer.set(bytes.subarray(from, end));
      const { content } = this.#storeCut(end - from, atEnd, (used) => (atEnd ? undefined : onCut(used)));
      from = end;
      return content;
    });
  }

  #storeCut(end: number, atEnd: boolean, onCut: (usedBytes: number) => void): StoredContent {
    const cuts: number[] = [];
    let start = 0;
    while (start < end) {
      const cut = this.#chunker.nextCut(start, start, end, atEnd);
      if (cut <= start) break;
      cuts.push(cut);
      start = cut;
    }
    onCut(start);
    const content: string[] = [];
    let from = 0;
    for (const cut of cuts) {
      content.push(this.#sealer.store('data', this.#chunker.buffer.subarray(from, cut)));
      from = cut;
    }
    return { content, sizeBytes: start };
  }

  /** Stores the chunks of buffer[start, end) and returns where the first unfinished one begins. */
  #storeChunks(start: number, scanned: number, end: number, atEnd: boolean, content: string[]): number {
    let from = start;
    let seen = scanned;
    while (from < end) {
      const cut = this.#chunker.nextCut(from, Math.max(seen, from), end, atEnd);
      if (cut <= from) break;
      content.push(this.#sealer.store('data', this.#chunker.buffer.subarray(from, cut)));
      from = cut;
      seen = cut;
    }
    return from;
  }
}
