import { isS3Failure, type S3Bucket, type S3Content } from '@holdfast/connect/s3';
import { CodedError } from '@holdfast/kernel';
import type { FileProblem, ListedEntry } from '../files/listed-entry.ts';
import type { DeliveredItem } from '../files/read-files.ts';
import { markNumber, timeOf } from './object-entry.ts';

export interface ReadObjectsOptions {
  readonly keyOf: (file: ListedEntry) => string;
  /** Requests at once. */
  readonly atOnce: number;
  readonly signal: AbortSignal | undefined;
}

/** Large objects are read in pieces of this size. */
const pieceBytes = 4 << 20;
/** What was read ahead or is being read, at most. */
const aheadBytes = 32 << 20;

interface Piece {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly totalBytes: number;
  readonly modifiedMs: number;
}

interface Job {
  readonly index: number;
  readonly sizeBytes: number;
  readonly piece: Promise<Piece>;
}

/**
 * The contents of these objects, in their order. Several requests are under way at once, for small objects and for the pieces of large ones,
 * and what they bring waits in bounded memory. All pieces of an object are of one version of it. An object that was replaced since it was
 * listed is delivered as it is now, and is a problem; one that is replaced while it is read cannot be had, and is one too.
 */
export async function* readObjects(
  bucket: S3Bucket,
  files: readonly ListedEntry[],
  { keyOf, atOnce, signal }: ReadObjectsOptions,
): AsyncGenerator<DeliveredItem, void, undefined> {
  const ended = new AbortController();
  const ahead = new ReadAhead(bucket, files, {
    keyOf,
    atOnce,
    signal: signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]),
  });
  try {
    for (const [index, file] of files.entries()) {
      let first: Piece;
      try {
        first = await ahead.first(index);
      } catch (error) {
        signal?.throwIfAborted();
        yield { kind: 'problem', problem: problemOf(file, error) };
        continue;
      }
      const isListed = markNumber(first.etag) === file.inode && first.totalBytes === file.sizeBytes;
      const bytes = ahead.content(index, first, isListed);
      // With a content come whole seconds, in a listing fractions of them.
      const mtimeNs = isListed ? file.mtimeNs : timeOf(first.modifiedMs);
      yield { kind: 'content', index, sizeBytes: first.totalBytes, mtimeNs, bytes };
      if (!isListed)
        yield { kind: 'problem', problem: { path: file.path, kind: 'changed', reason: 'it was replaced after it was listed' } };
    }
  } finally {
    ended.abort(new Error('nobody reads any more'));
    await ahead.settled();
  }
}

class ReadAhead {
  readonly #bucket: S3Bucket;
  readonly #files: readonly ListedEntry[];
  readonly #options: ReadObjectsOptions;
  readonly #jobs: Job[] = [];
  #heldBytes = 0;
  /** The next piece to ask for: of which file, and where it begins. */
  #next = { index: 0, offset: 0 };
  #firstOfNext: Promise<Piece> | undefined;

  constructor(bucket: S3Bucket, files: readonly ListedEntry[], options: ReadObjectsOptions) {
    this.#bucket = bucket;
    this.#files = files;
    this.#options = options;
  }

  /** The first piece of a file; what was read ahead of the one before and not wanted is dropped. */
  async first(index: number): Promise<Piece> {
    this.#dropUntil(index);
    this.#fill();
    const [job] = this.#jobs;
    if (job === undefined) throw new Error('nothing was asked for');
    return await this.#take(job);
  }

  /** All of the content of which the first piece is here. */
  async *content(index: number, first: Piece, isListed: boolean): AsyncGenerator<Uint8Array, void, undefined> {
    if (first.bytes.byteLength > 0) yield first.bytes;
    for (let at = first.bytes.byteLength; at < first.totalBytes; ) {
      this.#fill();
      const [job] = this.#jobs;
      // What was planned by the listing is of no use for another version.
      const isPlanned = isListed && job?.index === index;
      const { bytes } = await (isPlanned ? this.#take(job) : this.#piece(index, at, first.etag)).catch((error: unknown) => {
        throw replacedMeanwhile(error);
      });
      at += bytes.byteLength;
      yield bytes;
    }
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#jobs.map(({ piece }) => piece));
  }

  async #take(job: Job): Promise<Piece> {
    try {
      return await job.piece;
    } finally {
      this.#jobs.shift();
      this.#heldBytes -= job.sizeBytes;
    }
  }

  #dropUntil(index: number): void {
    while (this.#jobs[0] !== undefined && this.#jobs[0].index < index) this.#heldBytes -= this.#jobs.shift()?.sizeBytes ?? 0;
    if (this.#next.index < index) this.#next = { index, offset: 0 };
  }

  #fill(): void {
    for (let file = this.#files[this.#next.index]; file !== undefined; file = this.#files[this.#next.index]) {
      const { index, offset } = this.#next;
      const sizeBytes = Math.min(pieceBytes, file.sizeBytes - offset);
      const isRoom = this.#jobs.length < this.#options.atOnce && this.#heldBytes + sizeBytes <= aheadBytes;
      if (!isRoom && this.#jobs.length > 0) return;
      const before = this.#firstOfNext;
      const piece =
        offset === 0 || before === undefined ? this.#firstPiece(file) : before.then(({ etag }) => this.#piece(index, offset, etag));
      piece.catch(() => undefined); // whoever waits for it hears of it
      if (offset === 0) this.#firstOfNext = piece;
      this.#jobs.push({ index, sizeBytes, piece });
      this.#heldBytes += sizeBytes;
      const isLast = offset + sizeBytes >= file.sizeBytes;
      this.#next = isLast ? { index: index + 1, offset: 0 } : { index, offset: offset + sizeBytes };
    }
  }

  async #firstPiece(file: ListedEntry): Promise<Piece> {
    const key = this.#options.keyOf(file);
    const { signal } = this.#options;
    try {
      if (file.sizeBytes > 0) return await gathered(await this.#bucket.get(key, { length: pieceBytes, signal }));
    } catch (error) {
      // It is empty now.
      if (!isS3Failure(error, 'range')) throw error;
    }
    const whole = await this.#bucket.get(key, { signal });
    if (whole.sizeBytes <= pieceBytes) return await gathered(whole);
    whole.cancel();
    return await gathered(await this.#bucket.get(key, { length: pieceBytes, signal }));
  }

  async #piece(index: number, offset: number, etag: string): Promise<Piece> {
    const key = this.#options.keyOf(this.#files[index] as ListedEntry);
    return await gathered(await this.#bucket.get(key, { offset, length: pieceBytes, etag, signal: this.#options.signal }));
  }
}

async function gathered({ bytes, sizeBytes, etag, totalBytes, modifiedMs }: S3Content): Promise<Piece> {
  const whole = Buffer.allocUnsafeSlow(sizeBytes);
  let filled = 0;
  for await (const part of bytes) {
    whole.set(part, filled);
    filled += part.byteLength;
  }
  return { bytes: whole, etag, totalBytes, modifiedMs };
}

/** What befell one object. Everything else is thrown: it would befall the others too. */
function problemOf({ path }: ListedEntry, error: unknown): FileProblem {
  if (isS3Failure(error, 'not-found')) return { path, kind: 'vanished', reason: 'it was removed after it was listed' };
  if (isS3Failure(error, 'denied', 'archived', 'refused')) return { path, kind: 'unreadable', reason: error.message };
  throw error;
}

function replacedMeanwhile(error: unknown): unknown {
  if (!isS3Failure(error, 'changed', 'not-found', 'range')) return error;
  return new CodedError({ code: 'source-unreadable', message: 'it was replaced or removed while it was read', cause: error });
}
