export { type Body, bytesBody } from './body.ts';
export { checkFile, checkRange, describeFile, fileTypes, isFileName } from './check-file.ts';
export { exactParts } from './exact-parts.ts';
export type {
  ByteRange,
  CallOptions,
  FileInfo,
  FileRef,
  FileType,
  LoadOptions,
  Storage,
  StorageOperation,
  StorageProperties,
} from './storage.ts';
export { fileNotFound, shortRead } from './storage-errors.ts';
