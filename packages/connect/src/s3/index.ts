export { type BucketSettings, type GetOptions, S3Bucket, type S3CallOptions, type S3Content, type S3Object } from './s3-bucket.ts';
export { isS3Failure, type S3ErrorCodes } from './s3-error.ts';
export type { S3FailureKind } from './s3-failure.ts';
export { S3Options } from './s3-options.ts';
