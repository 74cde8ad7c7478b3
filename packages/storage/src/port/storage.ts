import type { Body } from './body.ts';

/** The kinds of file a repository consists of. `config` is the one file with a fixed name. */
export type FileType = 'config' | 'key' | 'snapshot' | 'index' | 'lock' | 'data';

/** Names a file. `name` is 64 lower-case hex digits, except for `config`, whose name is `config`. */
export interface FileRef {
  readonly type: FileType;
  readonly name: string;
}

export interface FileInfo extends FileRef {
  readonly sizeBytes: number;
}

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface StorageProperties {
  /** Where it is, for people: "/srv/backups/repo", "s3://bucket/prefix". No secrets. */
  readonly description: string;
  /** How many calls may usefully be under way at once. */
  readonly connections: number;
  /** Whether `save` over an existing name replaces it in one step. */
  readonly atomicReplace: boolean;
  /** Whether `remove` is refused for everything but locks. */
  readonly appendOnly: boolean;
}

/** An aborted call rejects with the signal's reason, after whatever it had under way has ended. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface LoadOptions extends CallOptions {
  /**
   * Memory that the content may be put into, from its first byte on, if it fits: fresh memory for each of many packs costs more than reading
   * them. A driver may ignore it. What it holds behind the content, or after a call that failed, is undefined, but nothing is written to it
   * after the call has ended.
   */
  readonly into?: Uint8Array | undefined;
  /** Ask the medium itself rather than what this machine remembers of it, where that can be: for proving what is stored. */
  readonly fresh?: boolean;
}

/** The verbs of the port. */
export type StorageOperation = 'create' | 'save' | 'load' | 'stat' | 'list' | 'remove';

/**
 * A flat store of immutable files named by their content. Every driver keeps the promises below; the conformance suite proves them.
 * Errors are CodedErrors: `storage-not-found` only when the storage answered that the file is not there, every other failure as itself
 * (`storage-unreachable` and `storage-io` with `retry: 'temporary'` where trying again may help). A name or range that cannot be is
 * `invalid-argument`. An error of a body is passed on as it is.
 */
export interface Storage extends AsyncDisposable {
  readonly properties: StorageProperties;
  /** Makes the place ready for a new repository (directories, bucket). Harmless when it is ready. */
  create(options?: CallOptions): Promise<void>;
  /**
   * Stores the file whole or not at all; when the promise resolves it survives a power cut. The body may be opened more than once. A body
   * that yields more or fewer bytes than its size is `invalid-argument`. An existing file is replaced, or, where the storage cannot or will
   * not do that, refused with `storage-exists`.
   */
  save(file: FileRef, body: Body, options?: CallOptions): Promise<void>;
  /**
   * Exactly the bytes of the range (the whole file without one), or an error, never fewer: a range that ends behind the end of the file is
   * `storage-short-read`. The caller owns the result: the beginning of `into`, or else an ArrayBuffer of its own that can be transferred to a
   * worker.
   */
  load(file: FileRef, range?: ByteRange, options?: LoadOptions): Promise<Uint8Array>;
  /** Size of the file, or `storage-not-found`. */
  stat(file: FileRef, options?: CallOptions): Promise<FileInfo>;
  /** Every file of the type, once, in no order. A place that does not exist yet lists as empty. Foreign names are left out. */
  list(type: FileType, options?: CallOptions): AsyncIterable<FileInfo>;
  /**
   * Removes the file; `storage-not-found` if it is not there. Where the type is not `data` the removal survives a power cut: an index or a
   * key must not come back after what it leads to is gone, while a pack that comes back is only waste.
   */
  remove(file: FileRef, options?: CallOptions): Promise<void>;
}
