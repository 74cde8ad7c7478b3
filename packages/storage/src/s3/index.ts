export { S3Storage, type S3StorageOptions } from './s3-storage.ts';
export { storageCodes } from './storage-codes.ts';
