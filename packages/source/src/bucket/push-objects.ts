import { isS3Failure, S3Bucket } from '@holdfast/connect/s3';
import { CodedError, forEachBounded } from '@holdfast/kernel';
import { chooseOverwrite, type ExistingEntry, type OverwriteRule } from '../files/overwrite-choice.ts';
import type { RestoreEntry } from '../port.ts';
import type { BucketOptions } from './bucket-options.ts';
import { keyOfPath } from './key-path.ts';
import { timeOf } from './object-entry.ts';
import { sourceCodes } from './source-codes.ts';

export interface PushObjectsOptions {
  /** The bucket to restore into; only keys that begin with its prefix are written. */
  readonly target: BucketOptions;
  /** What the keys of the snapshot begin with, and what they begin with instead. Default: they stay as they were. */
  readonly rename?: { readonly from: string; readonly to: string } | undefined;
  readonly overwrite: OverwriteRule;
  /** Changes nothing, and reports what would be done. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PushObjectsReport {
  readonly written: number;
  readonly writtenBytes: number;
  /** Left as they were by the overwrite rule. */
  readonly left: number;
  readonly problems: readonly { readonly path: Uint8Array; readonly reason: string }[];
}

const attempts = 5;

/**
 * Puts objects back: entries of a snapshot of a bucket, with their paths from the root on (`/BUCKET/…`, whatever that bucket's name was). An
 * object is there whole or not at all. What could not be written is a problem; what would befall the others too is thrown.
 */
export async function pushObjects(entries: AsyncIterable<RestoreEntry>, options: PushObjectsOptions): Promise<PushObjectsReport> {
  const { signal } = options;
  const { prefix: _, ...place } = options.target;
  await using bucket = new S3Bucket(place, { codes: sourceCodes, attempts });
  const report = { written: 0, writtenBytes: 0, left: 0, problems: [] as { path: Uint8Array; reason: string }[] };
  const push = async (entry: RestoreEntry): Promise<void> => {
    if (entry.metadata.type === 'dir') return;
    const path = typeof entry.path === 'string' ? Buffer.from(entry.path) : entry.path;
    const outcome = await pushOne(bucket, entry, path, options);
    if (typeof outcome === 'string') report.problems.push({ path, reason: outcome });
    else if (outcome === undefined) report.left += 1;
    else {
      report.written += 1;
      report.writtenBytes += outcome;
    }
  };
  await forEachBounded(entries, options.target.connections, push, signal);
  return report;
}

/** How many bytes were written; undefined if what was there stays; a text if it could not be written. */
async function pushOne(
  bucket: S3Bucket,
  entry: RestoreEntry,
  path: Uint8Array,
  { target, rename, overwrite, dryRun, signal }: PushObjectsOptions,
): Promise<number | string | undefined> {
  const { type, sizeBytes, mtimeNs } = entry.metadata;
  if (type !== 'file' || sizeBytes === undefined) return 'it is no file, and only files can be objects';
  const key = renamed(path, rename);
  if (key === undefined) return 'it is not what a backup of a bucket stores, or not below the prefix that is to be replaced';
  if (!key.startsWith(target.prefix))
    return `its key does not begin with ${JSON.stringify(target.prefix)}, where everything is to be restored`;
  if (Buffer.byteLength(key) > 1024) return 'its key would be longer than S3 allows';
  const choice = chooseOverwrite(
    overwrite,
    { type, sizeBytes, mtimeNs },
    overwrite === 'always' ? undefined : await existing(bucket, key, signal),
  );
  if (choice.kind !== 'write') return choice.kind === 'leave' ? undefined : choice.reason;
  if (dryRun === true) return sizeBytes;
  try {
    await bucket.upload(key, entry.open({ signal }), sizeBytes, { signal });
    return sizeBytes;
  } catch (error) {
    if (isS3Failure(error, 'refused')) return error.message;
    throw error;
  }
}

function renamed(path: Uint8Array, rename: PushObjectsOptions['rename']): string | undefined {
  try {
    const key = keyOfPath(Buffer.from(path).toString('utf8').split('/').slice(2));
    if (rename === undefined) return key;
    return key.startsWith(rename.from) ? `${rename.to}${key.slice(rename.from.length)}` : undefined;
  } catch (error) {
    if (CodedError.is(error, 'invalid-argument')) return undefined;
    throw error;
  }
}

async function existing(bucket: S3Bucket, key: string, signal: AbortSignal | undefined): Promise<ExistingEntry | undefined> {
  try {
    const { sizeBytes, modifiedMs } = await bucket.head(key, { signal });
    return { type: 'file', sizeBytes, mtimeNs: timeOf(modifiedMs), hasNanoseconds: false };
  } catch (error) {
    if (isS3Failure(error, 'not-found')) return undefined;
    throw error;
  }
}
