export { type Body, bytesBody } from './body.ts';
export type { ByteRange, CallOptions, FileInfo, FileRef, FileType, Storage, StorageProperties } from './storage.ts';
