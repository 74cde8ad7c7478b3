import { type Clock, CodedError } from '@holdfast/kernel';
import type { Body, ByteRange, CallOptions, FileInfo, FileRef, FileType, LoadOptions, Storage, StorageProperties } from '../port/index.ts';
import { Pace } from './pace.ts';
import { Slots } from './slots.ts';

/** Uploads are handed on in pieces no larger, so that a slow line carries an even flow. */
const pieceBytes = 64 << 10;

export interface LimitOptions {
  readonly clock: Clock;
  /** Default: what the inner storage says. */
  readonly connections?: number;
  /** Default: no limit. */
  readonly uploadBytesPerSecond?: number;
  /** Default: no limit. */
  readonly downloadBytesPerSecond?: number;
}

/**
 * Bounds the calls under way at once, and the bytes per second. Calls for lock files pass freely, as a lock that could not be refreshed
 * behind a queue of packs would be lost.
 */
export class LimitStorage implements Storage {
  readonly properties: StorageProperties;
  readonly #inner: Storage;
  readonly #slots: Slots;
  readonly #upload: Pace | undefined;
  readonly #download: Pace | undefined;

  constructor(inner: Storage, options: LimitOptions) {
    const connections = positive('connections', Math.floor(options.connections ?? inner.properties.connections));
    this.properties = { ...inner.properties, connections };
    this.#inner = inner;
    this.#slots = new Slots(connections);
    this.#upload = paceOf(options.clock, 'uploadBytesPerSecond', options.uploadBytesPerSecond);
    this.#download = paceOf(options.clock, 'downloadBytesPerSecond', options.downloadBytesPerSecond);
  }

  create(options?: CallOptions): Promise<void> {
    return this.#slots.use(options?.signal, () => this.#inner.create(options));
  }

  save(file: FileRef, body: Body, options?: CallOptions): Promise<void> {
    const pace = file.type === 'lock' ? undefined : this.#upload;
    const paced = pace === undefined ? body : pacedBody(body, pace, options?.signal);
    return this.#use(file.type, options, () => this.#inner.save(file, paced, options));
  }

  /** The time for what has come down is paid afterwards, before it is handed on: the rate holds on average over several files. */
  load(file: FileRef, range?: ByteRange, options?: LoadOptions): Promise<Uint8Array> {
    return this.#use(file.type, options, async () => {
      const bytes = await this.#inner.load(file, range, options);
      if (file.type !== 'lock') await this.#download?.take(bytes.byteLength, options?.signal);
      return bytes;
    });
  }

  stat(file: FileRef, options?: CallOptions): Promise<FileInfo> {
    return this.#use(file.type, options, () => this.#inner.stat(file, options));
  }

  /** Holds a slot only while it fetches, so that one who works on each file while listing cannot block itself. */
  async *list(type: FileType, options?: CallOptions): AsyncGenerator<FileInfo, void, undefined> {
    const files = this.#inner.list(type, options)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.#use(type, options, () => files.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await files.return?.();
    }
  }

  remove(file: FileRef, options?: CallOptions): Promise<void> {
    return this.#use(file.type, options, () => this.#inner.remove(file, options));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #use<T>(type: FileType, options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    return type === 'lock' ? work() : this.#slots.use(options?.signal, work);
  }
}

function pacedBody(body: Body, pace: Pace, signal: AbortSignal | undefined): Body {
  return {
    sizeBytes: body.sizeBytes,
    async *open() {
      for await (const part of body.open()) {
        for (let at = 0; at < part.byteLength; at += pieceBytes) {
          const piece = part.subarray(at, at + pieceBytes);
          await pace.take(piece.byteLength, signal);
          yield piece;
        }
      }
    },
  };
}

function paceOf(clock: Clock, name: string, bytesPerSecond: number | undefined): Pace | undefined {
  return bytesPerSecond === undefined ? undefined : new Pace(clock, positive(name, bytesPerSecond));
}

function positive(name: string, value: number): number {
  if (value > 0) return value;
  throw new CodedError({
    code: 'invalid-argument',
    message: `${name} is ${value}, but must be more than zero.`,
    context: { [name]: value },
  });
}
