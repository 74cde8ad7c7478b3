import type { Readable } from 'node:stream';
import { type Clock, systemClock } from '@holdfast/kernel';
import { objectContent } from './object-content.ts';
import { type OpenClient, openClient, type S3Call } from './open-client.ts';
import { payloadHashes } from './payload-hash.ts';
import { type S3ErrorCodes, s3Error } from './s3-error.ts';
import { readFailure, type S3Failure } from './s3-failure.ts';
import { type S3Options, s3Place } from './s3-options.ts';
import { uploadParts } from './upload-parts.ts';

/** An object as a listing or a look at it tells of it. */
export interface S3Object {
  readonly key: string;
  readonly sizeBytes: number;
  /** Changes with the content; quotation marks belong to it. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly storageClass: string | undefined;
}

export interface S3Content {
  /** How many bytes come. */
  readonly sizeBytes: number;
  /** How many the object has. */
  readonly totalBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
  /** Read once, to the end or left early; throws unless all of `sizeBytes` came. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Ends the transfer where nobody reads. */
  cancel(): void;
}

export interface S3CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface GetOptions extends S3CallOptions {
  readonly offset?: number;
  /** Default: to the end. Not zero. */
  readonly length?: number;
  /** Fails as `changed` where the object is another one by now. */
  readonly etag?: string;
}

export interface BucketSettings {
  /** The codes of errors. */
  readonly codes: S3ErrorCodes;
  /** How often a request that fails in passing is made. Default 1: whoever uses it tries again by itself. */
  readonly attempts?: number;
  readonly clock?: Clock;
}

/**
 * One bucket of an S3 service. Every failure is a CodedError with one of `codes`; what kind it is tells `isS3Failure`. An aborted call rejects
 * with the signal's reason. What is stored is verified by the server against a checksum before it keeps it.
 */
export class S3Bucket implements AsyncDisposable {
  /** `s3:https://host/bucket`, for people. */
  readonly place: string;
  readonly options: S3Options;
  readonly #codes: S3ErrorCodes;
  readonly #attempts: number;
  readonly #clock: Clock;
  #opened: Promise<OpenClient> | undefined;

  constructor(options: S3Options, { codes, attempts = 1, clock = systemClock }: BucketSettings) {
    this.options = options;
    this.place = s3Place(options);
    this.#codes = codes;
    this.#attempts = attempts;
    this.#clock = clock;
  }

  /** Stores an object whole or not at all, in place of one of that key. The bytes must not change until then. */
  async put(key: string, bytes: Uint8Array, { signal }: S3CallOptions = {}): Promise<void> {
    signal?.throwIfAborted();
    const { md5, headers } = await this.#checksums(bytes);
    await this.#call(`Storing ${shown(key)}`, signal, headers, ({ client, sdk, bind }, call) => {
      const { storageClass } = this.options;
      const input = { Bucket: this.options.bucket, Key: key, Body: bytes, ContentLength: bytes.byteLength, ContentMD5: md5 };
      const command = new sdk.PutObjectCommand(storageClass === undefined ? input : { ...input, StorageClass: storageClass as never });
      return client.send(bind(command, call), sendOptions(signal));
    });
  }

  /**
   * Stores an object of any size from a stream, in several parts where it is large; whole or not at all. Memory is bounded by a few parts. An
   * error of the stream is passed on as it is.
   */
  async upload(key: string, bytes: AsyncIterable<Uint8Array>, sizeBytes: number, { signal }: S3CallOptions = {}): Promise<void> {
    await uploadParts(bytes, {
      sizeBytes,
      atOnce: Math.min(this.options.connections, 4),
      single: (whole) => this.put(key, whole, { signal }),
      begin: async () => await this.#beginParts(key, signal),
    });
  }

  /** The content, or `not-found`; where the range begins behind the end `range`, where the object is another one `changed`. */
  async get(key: string, { offset = 0, length, etag, signal }: GetOptions = {}): Promise<S3Content> {
    const doing = `Reading ${shown(key)}`;
    const isRange = offset > 0 || length !== undefined;
    const range = `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
    const output = await this.#call(doing, signal, {}, ({ client, sdk, bind }, call) => {
      const input = {
        Bucket: this.options.bucket,
        Key: key,
        ...(isRange ? { Range: range } : {}),
        ...(etag === undefined ? {} : { IfMatch: etag }),
      };
      return client.send(bind(new sdk.GetObjectCommand(input), call), sendOptions(signal));
    });
    const body = output.Body as Readable | undefined;
    const failed = (error: unknown): Error => this.#failure(error, undefined, doing);
    const sizeBytes = output.ContentLength;
    const totalBytes = isRange ? totalOf(output.ContentRange, offset, sizeBytes) : sizeBytes;
    if (body === undefined || sizeBytes === undefined || totalBytes === undefined) {
      body?.destroy();
      throw this.#unusable('an answer without the length or the range that was asked for', doing);
    }
    if (etag !== undefined && output.ETag !== undefined && output.ETag !== etag) {
      body.destroy();
      throw s3Error(otherObject, doing, this.place, this.#codes, undefined);
    }
    return {
      sizeBytes,
      totalBytes,
      etag: output.ETag ?? '',
      modifiedMs: output.LastModified?.getTime() ?? 0,
      bytes: objectContent(body, { sizeBytes, signal, failed }),
      cancel: () => void body.destroy(),
    };
  }

  /** What is there, or `not-found`. */
  async head(key: string, { signal }: S3CallOptions = {}): Promise<S3Object> {
    const doing = `Looking for ${shown(key)}`;
    let call: S3Call | undefined;
    try {
      const output = await this.#call(doing, signal, {}, ({ client, sdk, bind }, made) => {
        call = made;
        return client.send(bind(new sdk.HeadObjectCommand({ Bucket: this.options.bucket, Key: key }), made), sendOptions(signal));
      });
      if (output.ContentLength === undefined) throw this.#unusable('an answer without a length', doing);
      return {
        key,
        sizeBytes: output.ContentLength,
        etag: output.ETag ?? '',
        modifiedMs: output.LastModified?.getTime() ?? 0,
        storageClass: output.StorageClass,
      };
    } catch (error) {
      signal?.throwIfAborted();
      const status = call?.seen?.status;
      if (status === undefined || status < 300 || status >= 500) throw error;
      // Such an answer has no body, and so no reason in it. Asked again in a way that has one.
      return await this.#headByReading(key, signal);
    }
  }

  /** Everything whose key begins with the prefix, in the order of the bytes of its UTF-8. A bucket that is not there is `bucket-missing`. */
  async *list(prefix: string, { signal }: S3CallOptions = {}): AsyncGenerator<S3Object, void, undefined> {
    const doing = prefix === '' ? 'Listing the bucket' : `Listing ${shown(prefix)}`;
    let token: string | undefined;
    do {
      const page = await this.#call(doing, signal, {}, ({ client, sdk, bind }, call) => {
        const input = {
          Bucket: this.options.bucket,
          EncodingType: 'url' as const,
          ...(prefix === '' ? {} : { Prefix: prefix }),
          ...(token === undefined ? {} : { ContinuationToken: token }),
        };
        return client.send(bind(new sdk.ListObjectsV2Command(input), call), sendOptions(signal));
      });
      const decode = page.EncodingType === 'url' ? decodeKey : (key: string): string => key;
      for (const { Key, Size, ETag, LastModified, StorageClass } of page.Contents ?? []) {
        signal?.throwIfAborted();
        if (Key === undefined || Size === undefined) throw this.#unusable('a list without names or sizes', doing);
        yield { key: decode(Key), sizeBytes: Size, etag: ETag ?? '', modifiedMs: LastModified?.getTime() ?? 0, storageClass: StorageClass };
      }
      const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      // A list that ends too early looks like objects that were deleted, one that turns in a circle never ends.
      if (page.IsTruncated === true && (next === undefined || next === token)) {
        throw this.#unusable('a list that does not say how it goes on', doing);
      }
      token = next;
    } while (token !== undefined);
    signal?.throwIfAborted();
  }

  /** Removes the object if it is there: the server does not tell. */
  async remove(key: string, { signal }: S3CallOptions = {}): Promise<void> {
    await this.#call(`Removing ${shown(key)}`, signal, {}, ({ client, sdk, bind }, call) =>
      client.send(bind(new sdk.DeleteObjectCommand({ Bucket: this.options.bucket, Key: key }), call), sendOptions(signal)),
    );
  }

  /** Makes the bucket. Harmless where it is ours already; `bucket-taken` where it is somebody else's. */
  async create({ signal }: S3CallOptions = {}): Promise<void> {
    const { bucket, region } = this.options;
    const isDefault = region === 'us-east-1';
    await this.#call('Making the bucket', signal, {}, async ({ client, sdk, bind }, call) => {
      const input = { Bucket: bucket, ...(isDefault ? {} : { CreateBucketConfiguration: { LocationConstraint: region as never } }) };
      try {
        await client.send(bind(new sdk.CreateBucketCommand(input), call), sendOptions(signal));
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'BucketAlreadyOwnedByYou') throw error;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    opened?.client.destroy();
  }

  async #headByReading(key: string, signal: AbortSignal | undefined): Promise<S3Object> {
    const content = await this.get(key, { length: 1, signal });
    content.cancel();
    return { key, sizeBytes: content.totalBytes, etag: content.etag, modifiedMs: content.modifiedMs, storageClass: undefined };
  }

  async #beginParts(key: string, signal: AbortSignal | undefined): ReturnType<Parameters<typeof uploadParts>[1]['begin']> {
    const { bucket, storageClass } = this.options;
    const doing = `Storing ${shown(key)}`;
    const upload = await this.#call(doing, signal, {}, ({ client, sdk, bind }, call) => {
      const input = { Bucket: bucket, Key: key };
      const command = new sdk.CreateMultipartUploadCommand(
        storageClass === undefined ? input : { ...input, StorageClass: storageClass as never },
      );
      return client.send(bind(command, call), sendOptions(signal));
    });
    const place = { Bucket: bucket, Key: key, UploadId: upload.UploadId };
    return {
      put: async (number, bytes) => {
        const { md5, headers } = await this.#checksums(bytes);
        const { ETag } = await this.#call(`${doing} (part ${number})`, signal, headers, ({ client, sdk, bind }, call) => {
          const input = { ...place, PartNumber: number, Body: bytes, ContentLength: bytes.byteLength, ContentMD5: md5 };
          return client.send(bind(new sdk.UploadPartCommand(input), call), sendOptions(signal));
        });
        return { PartNumber: number, ETag };
      },
      complete: async (parts) => {
        await this.#call(doing, signal, {}, ({ client, sdk, bind }, call) => {
          const command = new sdk.CompleteMultipartUploadCommand({ ...place, MultipartUpload: { Parts: [...parts] } });
          return client.send(bind(command, call), sendOptions(signal));
        });
      },
      abort: async () => {
        // Also after an abort of the caller's: parts that are left behind cost money and are in no list.
        await this.#call(`Taking back the parts of ${shown(key)}`, undefined, {}, ({ client, sdk, bind }, call) =>
          client.send(bind(new sdk.AbortMultipartUploadCommand(place), call)),
        );
      },
    };
  }

  /** Over a line that is not encrypted the content is part of the signature; else its checksum is, which is enough and costs less. */
  async #checksums(bytes: Uint8Array): Promise<{ readonly md5: string; readonly headers: Record<string, string> }> {
    const { md5, sha256 } = await payloadHashes(bytes, this.options.endpoint.startsWith('http:'));
    return { md5, headers: { 'x-amz-content-sha256': sha256 ?? 'UNSIGNED-PAYLOAD' } };
  }

  async #call<T>(
    doing: string,
    signal: AbortSignal | undefined,
    headers: Readonly<Record<string, string>>,
    work: (opened: OpenClient, call: S3Call) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    this.#opened ??= openClient(this.options, { attempts: this.#attempts });
    const opened = await this.#opened;
    signal?.throwIfAborted();
    const call: S3Call = { headers };
    try {
      return await work(opened, call);
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#failure(error, call, doing);
    }
  }

  #unusable(words: string, doing: string): Error {
    return s3Error({ ...unusableAnswer, words }, doing, this.place, this.#codes, undefined);
  }

  #failure(error: unknown, call: S3Call | undefined, doing: string): Error {
    const nowMs = Number(this.#clock.nowNs() / 1_000_000n);
    return s3Error(readFailure(error, call?.seen, nowMs), doing, this.place, this.#codes, error);
  }
}

const otherObject: S3Failure = {
  kind: 'changed',
  words: 'it is another object than it was',
  hint: 'Somebody changed it meanwhile.',
  again: false,
  code: 'PreconditionFailed',
};

/** An answer that S3 would not give. */
const unusableAnswer: Omit<S3Failure, 'words'> = {
  kind: 'wrong-endpoint',
  hint: 'Look whether the address is that of the S3 service itself, and whether the service is a full one.',
  again: false,
  code: 'unusable-answer',
};

function sendOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The size of the object by `bytes 5-9/100`; undefined unless the range begins where it was asked for and is as long as the answer. */
function totalOf(range: string | undefined, offset: number, sizeBytes: number | undefined): number | undefined {
  const [, first, last, total] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(range ?? '') ?? [];
  if (Number(first) !== offset || Number(last) - Number(first) + 1 !== sizeBytes) return undefined;
  return Number(total);
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', '%20'));
}

function shown(key: string): string {
  const text = JSON.stringify(key);
  return text.length > 200 ? `${text.slice(0, 200)}…"` : text;
}
