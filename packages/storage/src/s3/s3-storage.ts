import { isS3Failure, S3Bucket, type S3Options } from '@holdfast/connect/s3';
import { type Clock, CodedError } from '@holdfast/kernel';
import { RepositoryLayout } from '../local/repository-layout.ts';
import {
  type Body,
  type ByteRange,
  type CallOptions,
  checkFile,
  checkRange,
  describeFile,
  type FileInfo,
  type FileRef,
  type FileType,
  fileNotFound,
  isFileName,
  type LoadOptions,
  type Storage,
  type StorageProperties,
  shortRead,
} from '../port/index.ts';
import { bytesOf } from './bytes-of.ts';
import { fillBytes } from './fill-bytes.ts';
import { storageCodes } from './storage-codes.ts';

export interface S3StorageOptions {
  readonly bucket: S3Options;
  /** Where in the bucket the repository is: words between slashes, none for all of the bucket. */
  readonly prefix: string;
  readonly clock?: Clock;
}

/** A repository below a prefix of an S3 bucket, in restic's default layout. A file is one object, stored by one request. */
export class S3Storage implements Storage {
  readonly properties: StorageProperties;
  readonly #bucket: S3Bucket;
  readonly #layout: RepositoryLayout;

  constructor({ bucket, prefix, clock }: S3StorageOptions) {
    this.#bucket = new S3Bucket(bucket, { codes: storageCodes, ...(clock === undefined ? {} : { clock }) });
    this.#layout = new RepositoryLayout(prefix);
    const description = prefix === '' ? this.#bucket.place : `${this.#bucket.place}/${prefix}`;
    this.properties = { description, connections: bucket.connections, atomicReplace: true, appendOnly: false };
  }

  /** Makes the bucket where there is none. */
  async create(options: CallOptions = {}): Promise<void> {
    try {
      for await (const _ of this.#bucket.list(this.#layout.configPath, options)) break;
    } catch (error) {
      if (!isS3Failure(error, 'bucket-missing')) throw error;
      await this.#bucket.create(options);
    }
  }

  async save(file: FileRef, body: Body, options: CallOptions = {}): Promise<void> {
    checkFile(file);
    options.signal?.throwIfAborted();
    const bytes = await bytesOf(file, body, options.signal);
    const key = this.#layout.pathOf(file);
    await this.#bucket.put(key, bytes, options);
    // The server has compared the checksum, if it is one that does: what it kept is asked for all the same.
    const keptBytes = await this.#sizeOf(key, options);
    if (keptBytes !== bytes.byteLength) throw cutShort(file, this.properties.description, keptBytes, bytes.byteLength);
  }

  async load(file: FileRef, range?: ByteRange, options: LoadOptions = {}): Promise<Uint8Array> {
    checkFile(file);
    checkRange(range);
    const { signal, into } = options;
    if (range?.length === 0) {
      const { sizeBytes } = await this.stat(file, options);
      if (range.offset > sizeBytes) throw this.#short(file, range, sizeBytes);
      return new Uint8Array(0);
    }
    const content = await this.#look(file, async () => {
      try {
        return await this.#bucket.get(this.#layout.pathOf(file), { ...range, signal });
      } catch (error) {
        if (range === undefined || !isS3Failure(error, 'range')) throw error;
        throw this.#short(file, range, (await this.stat(file, options)).sizeBytes);
      }
    });
    const wantedBytes = range?.length ?? content.totalBytes;
    if (content.sizeBytes !== wantedBytes) {
      content.cancel();
      throw this.#short(file, range ?? { offset: 0, length: wantedBytes }, content.totalBytes);
    }
    return await fillBytes(content.bytes, wantedBytes, into);
  }

  async stat(file: FileRef, options: CallOptions = {}): Promise<FileInfo> {
    checkFile(file);
    const { sizeBytes } = await this.#look(file, () => this.#bucket.head(this.#layout.pathOf(file), options));
    return { type: file.type, name: file.name, sizeBytes };
  }

  async *list(type: FileType, options: CallOptions = {}): AsyncGenerator<FileInfo, void, undefined> {
    options.signal?.throwIfAborted();
    const prefix = type === 'config' ? this.#layout.configPath : `${this.#layout.directoryOfType(type)}/`;
    try {
      for await (const { key, sizeBytes } of this.#bucket.list(prefix, options)) {
        const file = { type, name: key.slice(key.lastIndexOf('/') + 1) };
        // Temporary files of others, strangers, and packs in the wrong place.
        if (isFileName(type, file.name) && this.#layout.pathOf(file) === key) yield { ...file, sizeBytes };
      }
    } catch (error) {
      if (!isS3Failure(error, 'bucket-missing')) throw error;
    }
  }

  /** A server says the same whether the object was there or not: so it is looked for first. */
  async remove(file: FileRef, options: CallOptions = {}): Promise<void> {
    await this.stat(file, options);
    await this.#bucket.remove(this.#layout.pathOf(file), options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bucket[Symbol.asyncDispose]();
  }

  /** Undefined if there is no such object. */
  async #sizeOf(key: string, options: CallOptions): Promise<number | undefined> {
    try {
      return (await this.#bucket.head(key, options)).sizeBytes;
    } catch (error) {
      if (isS3Failure(error, 'not-found')) return undefined;
      throw error;
    }
  }

  async #look<T>(file: FileRef, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isS3Failure(error, 'not-found') ? fileNotFound(file, this.properties.description, error) : error;
    }
  }

  #short(file: FileRef, range: ByteRange, endsAtBytes: number): Error {
    return shortRead(file, this.properties.description, range, endsAtBytes);
  }
}

function cutShort(file: FileRef, where: string, storedBytes: number | undefined, sizeBytes: number): CodedError {
  return new CodedError({
    code: 'storage-io',
    message: `The server at ${where} has kept ${storedBytes ?? 'none'} of the ${sizeBytes} bytes of ${describeFile(file)}`,
    hint: 'It took what it was sent without comparing the checksum. If that comes back, do not trust this service.',
    retry: 'temporary',
    context: { type: file.type, name: file.name, storedBytes: storedBytes ?? null, sizeBytes },
  });
}
