import { type Clock, CodedError, type RandomSource } from '@holdfast/kernel';
import {
  type Body,
  type ByteRange,
  type CallOptions,
  describeFile,
  type FileInfo,
  type FileRef,
  type FileType,
  type LoadOptions,
  type Storage,
  type StorageOperation,
  type StorageProperties,
} from '../port/index.ts';
import { Backoff } from './backoff.ts';

/** A failure after which the same call is made again. */
export interface RetryEvent {
  readonly operation: StorageOperation;
  /** What it is about, for people: "data file 1a2b…", "the list of index files". */
  readonly subject: string;
  /** Which failure in a row, from 1. */
  readonly failures: number;
  readonly waitMs: number;
  readonly error: CodedError;
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Called before each wait, so that no failure is silent. The last one, after which there is no other try, is thrown. */
  readonly onRetry: (event: RetryEvent) => void;
  /** For how long after a first failure to try again. Default 15 minutes, as in restic. */
  readonly totalMs?: number;
}

interface Try<T> {
  readonly operation: StorageOperation;
  readonly subject: string;
  readonly options: CallOptions | undefined;
  /** Makes the call. `again` says that it was made before, with an outcome that is not known for sure. */
  readonly call: (again: boolean) => Promise<T>;
}

/**
 * Makes calls again that failed with `retry: 'temporary'`. Where the first try of a save or remove did its work and only the answer was
 * lost, the next one finds the work done and that is success.
 */
export class RetryStorage implements Storage {
  readonly #inner: Storage;
  readonly #options: RetryOptions;

  constructor(inner: Storage, options: RetryOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get properties(): StorageProperties {
    return this.#inner.properties;
  }

  create(options?: CallOptions): Promise<void> {
    const subject = this.properties.description;
    return this.#retry({ operation: 'create', subject, options, call: () => this.#inner.create(options) });
  }

  save(file: FileRef, body: Body, options?: CallOptions): Promise<void> {
    const call = async (again: boolean): Promise<void> => {
      try {
        await this.#inner.save(file, body, options);
      } catch (error) {
        if (!again || !CodedError.is(error, 'storage-exists') || !(await this.#holds(file, body, options))) throw error;
      }
    };
    return this.#retry({ operation: 'save', subject: describeFile(file), options, call });
  }

  load(file: FileRef, range?: ByteRange, options?: LoadOptions): Promise<Uint8Array> {
    return this.#retry({ operation: 'load', subject: describeFile(file), options, call: () => this.#inner.load(file, range, options) });
  }

  stat(file: FileRef, options?: CallOptions): Promise<FileInfo> {
    return this.#retry({ operation: 'stat', subject: describeFile(file), options, call: () => this.#inner.stat(file, options) });
  }

  /** A list that fails midway starts again and leaves out what it gave before; each new file counts as progress. */
  async *list(type: FileType, options?: CallOptions): AsyncGenerator<FileInfo, void, undefined> {
    const backoff = this.#backoff();
    const given = new Set<string>();
    for (;;) {
      try {
        for await (const info of this.#inner.list(type, options)) {
          if (given.has(info.name)) continue;
          given.add(info.name);
          backoff.succeeded();
          yield info;
        }
        return;
      } catch (error) {
        await this.#waitAfter(error, backoff, { operation: 'list', subject: `the list of ${type} files`, options });
      }
    }
  }

  remove(file: FileRef, options?: CallOptions): Promise<void> {
    const call = async (again: boolean): Promise<void> => {
      try {
        await this.#inner.remove(file, options);
      } catch (error) {
        if (!again || !CodedError.is(error, 'storage-not-found')) throw error;
      }
    };
    return this.#retry({ operation: 'remove', subject: describeFile(file), options, call });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  async #retry<T>(attempt: Try<T>): Promise<T> {
    const backoff = this.#backoff();
    for (;;) {
      attempt.options?.signal?.throwIfAborted();
      try {
        return await attempt.call(backoff.failures > 0);
      } catch (error) {
        await this.#waitAfter(error, backoff, attempt);
      }
    }
  }

  /** Returns when it is time for the next try; throws when there is none. */
  async #waitAfter(error: unknown, backoff: Backoff, attempt: Omit<Try<unknown>, 'call'>): Promise<void> {
    const signal = attempt.options?.signal;
    if (!CodedError.is(error) || error.retry !== 'temporary') throw error;
    signal?.throwIfAborted();
    const waitMs = backoff.failed();
    if (waitMs === undefined) throw error;
    const { operation, subject } = attempt;
    this.#options.onRetry({ operation, subject, failures: backoff.failures, waitMs, error });
    await this.#options.clock.sleep(waitMs, signal);
  }

  #backoff(): Backoff {
    const { clock, random, totalMs } = this.#options;
    return new Backoff(clock, random, totalMs ?? 900_000);
  }

  /** Whether the file there is the one that was to be saved: whoever made it, byte for byte. */
  async #holds(file: FileRef, body: Body, options: CallOptions | undefined): Promise<boolean> {
    const stored = await this.#inner.load(file, undefined, options);
    let at = 0;
    for await (const part of body.open()) {
      if (Buffer.compare(part, stored.subarray(at, at + part.byteLength)) !== 0) return false;
      at += part.byteLength;
    }
    return at === stored.byteLength;
  }
}
