import { isS3Failure, type S3Bucket, type S3Object } from '@holdfast/connect/s3';
import { CodedError } from '@holdfast/kernel';
import type { ListedItem } from '../files/listed-entry.ts';
import { keyOfPath, ownName, pathOfKey } from './key-path.ts';
import { directoryEntry, objectEntry } from './object-entry.ts';

/** A directory of a bucket's snapshot, and the prefix of the keys in it. */
export interface BucketTarget {
  /** From the root on: the bucket, then the names of the prefix. */
  readonly names: readonly string[];
  readonly prefix: string;
}

/** The target of a path such as `/bucket/photos`. `invalid-argument` for one that is not in the bucket. */
export function targetOf(bucket: string, path: Uint8Array): BucketTarget {
  const names = Buffer.from(path).toString('utf8').split('/').slice(1);
  if (names[0] !== bucket) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `${JSON.stringify(Buffer.from(path).toString('utf8'))} is not in the bucket ${bucket}`,
      hint: `Paths of this source begin with /${bucket}.`,
    });
  }
  return { names, prefix: names.length === 1 ? '' : `${keyOfPath(names.slice(1))}/` };
}

/**
 * Everything below the targets as files in directories, in the order of the bucket's own listing, in which all below a directory comes
 * together. An empty bucket is an empty directory; a prefix that nothing has is not there at all.
 */
export async function* listObjects(
  bucket: S3Bucket,
  targets: readonly BucketTarget[],
  signal: AbortSignal | undefined,
): AsyncGenerator<ListedItem, void, undefined> {
  const onTheWay = new Set(targets.flatMap(({ names }) => names.slice(0, -1).map((_, i) => pathFrom(names.slice(0, i + 1)))));
  for (const path of [...onTheWay].sort()) yield { kind: 'entry', entry: directoryEntry(Buffer.from(path)), onTheWay: true };
  for (const target of targets) yield* new TargetListing(bucket, target, signal).list();
}

/** One target. An object waits until it is known whether its key is the beginning of others': until the listing is behind those. */
class TargetListing {
  readonly #bucket: S3Bucket;
  readonly #target: BucketTarget;
  readonly #signal: AbortSignal | undefined;
  /** Each key is the beginning of the next one. */
  readonly #waiting: S3Object[] = [];
  /** The directory that was entered last, by names from the root on. */
  #open: readonly string[] = [];

  constructor(bucket: S3Bucket, target: BucketTarget, signal: AbortSignal | undefined) {
    this.#bucket = bucket;
    this.#target = target;
    this.#signal = signal;
  }

  async *list(): AsyncGenerator<ListedItem, void, undefined> {
    const { names, prefix } = this.#target;
    this.#open = names.slice(0, -1);
    let isFirst = true;
    for await (const object of this.#bucket.list(prefix, { signal: this.#signal })) {
      if (isFirst) yield* this.#enter(names);
      isFirst = false;
      yield* this.#settle(object.key);
      this.#waiting.push(object);
    }
    yield* this.#settle(undefined);
    if (isFirst && prefix === '') yield* this.#enter(names);
  }

  /** Gives out what waits and is decided by the key that comes next, the last one first. */
  *#settle(next: string | undefined): Generator<ListedItem, void, undefined> {
    for (let object = this.#waiting.at(-1); object !== undefined; object = this.#waiting.at(-1)) {
      const { key } = object;
      const follows = next?.startsWith(key) === true ? next[key.length] : undefined;
      // What comes between a key and the same with a slash may still come.
      if (follows !== undefined && follows < '/') return;
      this.#waiting.pop();
      const names = this.#namesOf(key);
      yield* this.#give(object, follows === '/' ? [...names, ownName] : names);
    }
  }

  *#give(object: S3Object, names: readonly string[]): Generator<ListedItem, void, undefined> {
    yield* this.#enter(names.slice(0, -1));
    yield { kind: 'entry', entry: objectEntry(Buffer.from(pathFrom(names)), object), onTheWay: false };
  }

  /** Enters the directories that lead there and are not open. */
  *#enter(names: readonly string[]): Generator<ListedItem, void, undefined> {
    const differs = names.findIndex((name, i) => this.#open[i] !== name);
    for (let depth = differs < 0 ? names.length : differs; depth < names.length; depth++) {
      yield { kind: 'entry', entry: directoryEntry(Buffer.from(pathFrom(names.slice(0, depth + 1)))), onTheWay: false };
    }
    this.#open = names;
  }

  #namesOf(key: string): readonly string[] {
    const { names, prefix } = this.#target;
    return [...names, ...pathOfKey(key.slice(prefix.length))];
  }
}

/** The directories that hold an object of that name which begins with `header`. */
export async function* findTaggedObjects(
  bucket: S3Bucket,
  targets: readonly BucketTarget[],
  tag: { readonly name: Uint8Array; readonly header: Uint8Array },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const name = Buffer.from(tag.name).toString('utf8');
  for (const { names, prefix } of targets) {
    for await (const { key, sizeBytes } of bucket.list(prefix, { signal })) {
      const words = pathOfKey(key.slice(prefix.length));
      if (key.slice(key.lastIndexOf('/') + 1) !== name || sizeBytes < tag.header.byteLength) continue;
      if (await beginsWith(bucket, key, tag.header, signal)) yield Buffer.from(pathFrom([...names, ...words.slice(0, -1)]));
    }
  }
}

/** An object that cannot be read tags nothing: rather too much in a backup than too little. */
async function beginsWith(bucket: S3Bucket, key: string, header: Uint8Array, signal: AbortSignal | undefined): Promise<boolean> {
  if (header.byteLength === 0) return true;
  try {
    const { bytes } = await bucket.get(key, { length: header.byteLength, signal });
    return Buffer.concat(await Array.fromAsync(bytes)).equals(header);
  } catch (error) {
    if (isS3Failure(error, 'not-found', 'denied', 'archived', 'range')) return false;
    throw error;
  }
}

function pathFrom(names: readonly string[]): string {
  return `/${names.join('/')}`;
}
