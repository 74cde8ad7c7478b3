import type { S3ErrorCodes } from '@holdfast/connect/s3';

/** What failures of a bucket are for a storage. */
export const storageCodes: S3ErrorCodes = {
  'not-found': 'storage-not-found',
  'bucket-missing': 'storage-not-found',
  'bucket-taken': 'storage-denied',
  denied: 'storage-denied',
  'clock-skew': 'storage-denied',
  'wrong-region': 'storage-misconfigured',
  'wrong-endpoint': 'storage-misconfigured',
  untrusted: 'storage-untrusted',
  unreachable: 'storage-unreachable',
  busy: 'storage-unreachable',
  full: 'storage-full',
  changed: 'storage-io',
  range: 'storage-short-read',
  archived: 'storage-denied',
  damaged: 'storage-io',
  refused: 'storage-io',
};
