import { CodedError } from '@holdfast/kernel';
import type { ByteRange, FileRef, FileType } from './storage.ts';

/** Every type, in no order. */
export const fileTypes: readonly FileType[] = ['config', 'key', 'snapshot', 'index', 'lock', 'data'];

/** Whether a file of the type may have that name; everything else on a storage is foreign (or a temporary file). */
export function isFileName(type: FileType, name: string): boolean {
  return type === 'config' ? name === 'config' : /^[0-9a-f]{64}$/.test(name);
}

/** Throws `invalid-argument` for a name that is none, so that a name can never lead out of the storage. */
export function checkFile(file: FileRef): void {
  if (isFileName(file.type, file.name)) return;
  throw new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(file.name)} is not the name of a ${file.type} file.`,
    hint: 'Names are 64 lower-case hexadecimal digits.',
    context: { type: file.type, name: file.name },
  });
}

/** Throws `invalid-argument` for a range that no file could have. */
export function checkRange(range: ByteRange | undefined): void {
  if (range === undefined) return;
  if (range.offset >= 0 && range.length >= 0 && Number.isSafeInteger(range.offset) && Number.isSafeInteger(range.length)) return;
  throw new CodedError({
    code: 'invalid-argument',
    message: `A range of ${range.length} bytes at offset ${range.offset} cannot be.`,
    context: { offset: range.offset, lengthBytes: range.length },
  });
}

/** The file in words, for messages: "the config file", "data file 1a2b…". */
export function describeFile(file: FileRef): string {
  return file.type === 'config' ? 'the config file' : `${file.type} file ${file.name}`;
}
