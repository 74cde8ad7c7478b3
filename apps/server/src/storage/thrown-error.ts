import type { ReportedError, StorageOptions } from '@holdfast/contract';
import { CodedError, type ErrorCode, errorCodes } from '@holdfast/kernel';

/** A reported error as one to throw, about that field of the input. */
export function thrownError(reported: ReportedError, field: string): CodedError {
  const { code, message, hint, retry } = reported;
  return new CodedError({
    code: Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'internal',
    message,
    retry,
    context: { field },
    ...(hint === null ? {} : { hint }),
  });
}

/** The field that says where the storage is. */
export function placeField({ driver }: StorageOptions): string {
  return driver === 'local' ? 'options.path' : 'options';
}
