import { CodedError, type ErrorCode } from '@holdfast/kernel';

const damage: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'storage-not-found',
  'storage-short-read',
  'storage-io',
  'file-damaged',
  'blob-missing',
  'blob-damaged',
  'format-invalid',
]);

/**
 * Whether the error tells something about the file that was read, so that others may still be fine: missing, short, unreadable or wrong.
 * Everything else (no connection, no permission, cancelled, a defect) says nothing about the repository and must end the run.
 */
export function isDamage(error: unknown): error is CodedError {
  return error instanceof CodedError && damage.has(error.code);
}
