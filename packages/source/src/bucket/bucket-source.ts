import { S3Bucket } from '@holdfast/connect/s3';
import type { ListedEntry, ListedItem } from '../files/listed-entry.ts';
import type { DeliveredItem } from '../files/read-files.ts';
import type { BucketOptions } from './bucket-options.ts';
import { keyOfPath, pathOfKey } from './key-path.ts';
import { findTaggedObjects, listObjects, targetOf } from './list-objects.ts';
import { readObjects } from './read-objects.ts';
import { sourceCodes } from './source-codes.ts';

interface Call {
  readonly signal?: AbortSignal | undefined;
}

/** How often a request that fails in passing is made: some two seconds, for nobody tries again who uses this. */
const attempts = 5;

/** The objects of a bucket as files below `/BUCKET`: what the engine's `backup` takes as `entries`. */
export class BucketSource implements AsyncDisposable {
  readonly #bucket: S3Bucket;
  readonly #options: BucketOptions;

  constructor(options: BucketOptions) {
    const { prefix: _, ...bucket } = options;
    this.#options = options;
    this.#bucket = new S3Bucket(bucket, { codes: sourceCodes, attempts });
  }

  /** What a backup of it takes: the bucket's directory, or that of the prefix. */
  get target(): Buffer {
    const { bucket, prefix } = this.#options;
    const names = prefix === '' ? [] : pathOfKey(prefix.slice(0, -1));
    return Buffer.from(`/${[bucket, ...names].join('/')}`);
  }

  /** Looks whether the bucket can be listed. Rejects with why not: `source-not-found`, `source-denied`, `source-unreachable`, … */
  async probe({ signal }: Call = {}): Promise<void> {
    for await (const _ of this.#bucket.list(this.#options.prefix, { signal })) return;
  }

  list(targets: readonly Uint8Array[], { signal }: Call & { readonly oneFileSystem: boolean }): AsyncIterable<ListedItem> {
    return listObjects(this.#bucket, this.#targets(targets), signal);
  }

  read(files: readonly ListedEntry[], { signal }: Call): AsyncIterable<DeliveredItem> {
    return readObjects(this.#bucket, files, { keyOf, atOnce: this.#options.connections, signal });
  }

  findTagged(
    targets: readonly Uint8Array[],
    tag: { readonly name: Uint8Array; readonly header: Uint8Array },
    { signal }: Call & { readonly oneFileSystem: boolean },
  ): AsyncIterable<Uint8Array> {
    return findTaggedObjects(this.#bucket, this.#targets(targets), tag, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bucket[Symbol.asyncDispose]();
  }

  #targets(paths: readonly Uint8Array[]): ReturnType<typeof targetOf>[] {
    return paths.map((path) => targetOf(this.#options.bucket, path));
  }
}

/** The key of an entry that this source has listed. */
function keyOf({ path }: ListedEntry): string {
  return keyOfPath(Buffer.from(path).toString('utf8').split('/').slice(2));
}
