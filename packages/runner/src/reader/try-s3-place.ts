import { randomUUID } from 'node:crypto';
import { S3Bucket } from '@holdfast/connect/s3';
import type { StorageOptions, StorageSecrets } from '@holdfast/contract';
import { storageCodes } from '@holdfast/storage/s3';
import { s3Bucket } from '../vault/open-storage.ts';

const trial = new TextEncoder().encode('Holdfast tries whether it can store something here.\n');

/** Lists, stores, reads and removes at the place, and leaves nothing. Throws where one of these does not work; a missing bucket is not made. */
export async function tryS3Place(
  options: Extract<StorageOptions, { driver: 's3' }>,
  secrets: StorageSecrets | undefined,
  signal: AbortSignal,
): Promise<void> {
  await using bucket = new S3Bucket(s3Bucket(options, secrets), { codes: storageCodes, attempts: 2 });
  const base = options.prefix === '' ? '' : `${options.prefix}/`;
  // A missing bucket is an error here, and not a place without files.
  for await (const _ of bucket.list(`${base}config`, { signal })) break;
  const key = `${base}.holdfast-trial-${randomUUID()}`;
  try {
    await bucket.put(key, trial, { signal });
    const content = await bucket.get(key, { signal });
    for await (const _ of content.bytes) signal.throwIfAborted();
  } finally {
    await bucket.remove(key, { signal });
  }
}
