import type { StorageOptions } from './storage-options.ts';

/** Where it is, in one line, as restic writes it: a path, or `s3:https://host/bucket/prefix`. */
export function storagePlace(options: StorageOptions): string {
  if (options.driver === 'local') return options.path;
  const { endpoint, bucket, prefix } = options;
  return `s3:${endpoint}/${bucket}${prefix === '' ? '' : `/${prefix}`}`;
}
