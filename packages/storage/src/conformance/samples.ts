import { createHash } from 'node:crypto';
import { type FileInfo, type FileRef, type FileType, fileTypes, type Storage } from '../port/index.ts';

/** Bytes that look random and are the same for the same seed. */
export function sampleBytes(sizeBytes: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let state = (seed * 2654435761 + 1) >>> 0;
  for (let index = 0; index < sizeBytes; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

/** A file of the type; the seed makes its name. */
export function sampleFile(type: FileType, seed = 0): FileRef {
  return { type, name: type === 'config' ? 'config' : createHash('sha256').update(`${type}/${seed}`).digest('hex') };
}

export async function listed(storage: Storage, type: FileType): Promise<FileInfo[]> {
  return await Array.fromAsync(storage.list(type));
}

/** Every name on the storage, as `type/name`, sorted. */
export async function allNames(storage: Storage): Promise<string[]> {
  const names: string[] = [];
  for (const type of fileTypes) for (const info of await listed(storage, type)) names.push(`${type}/${info.name}`);
  return names.sort();
}
