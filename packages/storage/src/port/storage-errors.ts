import { CodedError } from '@holdfast/kernel';
import { describeFile } from './check-file.ts';
import type { ByteRange, FileRef } from './storage.ts';

/** `storage-not-found`: the storage has answered that there is no such file. */
export function fileNotFound(file: FileRef, where: string, cause?: unknown): CodedError {
  return new CodedError({
    code: 'storage-not-found',
    message: `There is no ${describeFile(file).replace(/^the /, '')} at ${where}.`,
    context: { type: file.type, name: file.name },
    cause,
  });
}

/** `storage-short-read`: the file ends before what was asked for. Permanent, as files do not change. */
export function shortRead(file: FileRef, where: string, range: ByteRange, endsAtBytes: number): CodedError {
  return new CodedError({
    code: 'storage-short-read',
    message: `Asked for ${range.length} bytes at offset ${range.offset} of ${describeFile(file)} at ${where}, but it ends at ${endsAtBytes}.`,
    hint: 'The file was cut short. Run a check of the repository.',
    context: { type: file.type, name: file.name, offset: range.offset, lengthBytes: range.length, endsAtBytes },
  });
}
