import type { S3ErrorCodes } from '@holdfast/connect/s3';

/** What failures of a bucket are for a source, and for a restore into it. */
export const sourceCodes: S3ErrorCodes = {
  'not-found': 'source-not-found',
  'bucket-missing': 'source-not-found',
  'bucket-taken': 'target-unwritable',
  denied: 'source-denied',
  'clock-skew': 'source-denied',
  'wrong-region': 'source-unreachable',
  'wrong-endpoint': 'source-unreachable',
  untrusted: 'source-untrusted',
  unreachable: 'source-unreachable',
  busy: 'source-unreachable',
  full: 'target-unwritable',
  changed: 'source-incomplete',
  range: 'source-incomplete',
  archived: 'source-unreadable',
  damaged: 'target-unwritable',
  refused: 'source-unreadable',
};
