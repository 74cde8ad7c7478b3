import { CodedError } from '@holdfast/kernel';
import {
  type Body,
  type ByteRange,
  type CallOptions,
  checkFile,
  checkRange,
  describeFile,
  exactParts,
  type FileInfo,
  type FileRef,
  type FileType,
  fileNotFound,
  isFileName,
  type Storage,
  type StorageProperties,
  shortRead,
} from '../port/index.ts';

export interface MemoryStorageOptions {
  /** Default "memory". */
  readonly description?: string;
  /** Refuses, like a server that guards against deletion, to replace any file and to remove any but locks. Default false. */
  readonly appendOnly?: boolean;
  /** The files of another MemoryStorage, to open the same place a second time. Default empty. */
  readonly files?: Map<string, Uint8Array>;
}

/** A storage in memory that keeps every promise of the port except durability. */
export class MemoryStorage implements Storage {
  readonly properties: StorageProperties;
  /** Content by `type/name` ("data/1a2b…", "config/config"), open to tests that look or do damage. */
  readonly files: Map<string, Uint8Array>;

  constructor(options: MemoryStorageOptions = {}) {
    const appendOnly = options.appendOnly ?? false;
    this.properties = { description: options.description ?? 'memory', connections: 4, atomicReplace: !appendOnly, appendOnly };
    this.files = options.files ?? new Map();
  }

  async create(options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
  }

  async save(file: FileRef, body: Body, options?: CallOptions): Promise<void> {
    checkFile(file);
    options?.signal?.throwIfAborted();
    const bytes = new Uint8Array(body.sizeBytes);
    let filled = 0;
    for await (const part of exactParts(file, body, options?.signal)) {
      bytes.set(part, filled);
      filled += part.byteLength;
    }
    if (this.properties.appendOnly && this.files.has(keyOf(file))) throw this.#refused('storage-exists', file, 'exists already');
    this.files.set(keyOf(file), bytes);
  }

  async load(file: FileRef, range?: ByteRange, options?: CallOptions): Promise<Uint8Array> {
    checkRange(range);
    const bytes = this.#content(file, options);
    if (range === undefined) return bytes.slice();
    if (range.offset + range.length > bytes.byteLength) throw shortRead(file, this.properties.description, range, bytes.byteLength);
    return bytes.slice(range.offset, range.offset + range.length);
  }

  async stat(file: FileRef, options?: CallOptions): Promise<FileInfo> {
    return { type: file.type, name: file.name, sizeBytes: this.#content(file, options).byteLength };
  }

  async *list(type: FileType, options?: CallOptions): AsyncGenerator<FileInfo, void, undefined> {
    options?.signal?.throwIfAborted();
    const prefix = `${type}/`;
    for (const [key, bytes] of [...this.files]) {
      const name = key.slice(prefix.length);
      if (!key.startsWith(prefix) || !isFileName(type, name)) continue;
      options?.signal?.throwIfAborted();
      yield { type, name, sizeBytes: bytes.byteLength };
    }
  }

  async remove(file: FileRef, options?: CallOptions): Promise<void> {
    this.#content(file, options);
    if (this.properties.appendOnly && file.type !== 'lock') throw this.#refused('storage-denied', file, 'may not be removed');
    this.files.delete(keyOf(file));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Nothing is held open.
  }

  #content(file: FileRef, options: CallOptions | undefined): Uint8Array {
    checkFile(file);
    options?.signal?.throwIfAborted();
    const bytes = this.files.get(keyOf(file));
    if (bytes === undefined) throw fileNotFound(file, this.properties.description);
    return bytes;
  }

  #refused(code: 'storage-exists' | 'storage-denied', file: FileRef, why: string): CodedError {
    const message = `The storage ${this.properties.description} is append-only: ${describeFile(file)} ${why}.`;
    return new CodedError({ code, message, context: { type: file.type, name: file.name } });
  }
}

function keyOf(file: FileRef): string {
  return `${file.type}/${file.name}`;
}
