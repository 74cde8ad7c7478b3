import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileInfo, type FileType, isFileName } from '../port/index.ts';
import { isErrno } from './errno.ts';
import { isPackDirectoryName, type RepositoryLayout } from './repository-layout.ts';

/** As many sizes are asked for at once: enough to keep the thread pool busy. */
const statBatch = 256;

/**
 * The files of a type, read one directory at a time. What is no file of the type (temporary files, strangers, packs in the wrong
 * directory) is left out, and so is what vanishes meanwhile.
 */
export async function* listFiles(
  layout: RepositoryLayout,
  type: FileType,
  signal?: AbortSignal,
): AsyncGenerator<FileInfo, void, undefined> {
  signal?.throwIfAborted();
  if (type === 'config') {
    yield* sizesOf(layout.base, type, ['config'], signal);
    return;
  }
  const directory = layout.directoryOfType(type);
  if (type !== 'data') {
    yield* sizesOf(directory, type, await namesIn(directory, 'ENOENT'), signal);
    return;
  }
  for (const first of await namesIn(directory, 'ENOENT')) {
    signal?.throwIfAborted();
    if (!isPackDirectoryName(first)) continue;
    const names = await namesIn(join(directory, first), 'ENOENT', 'ENOTDIR');
    const packs = names.filter((name) => name.startsWith(first));
    yield* sizesOf(join(directory, first), type, packs, signal);
  }
}

async function namesIn(directory: string, ...absent: readonly string[]): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isErrno(error, ...absent)) return [];
    throw error;
  }
}

async function* sizesOf(directory: string, type: FileType, names: readonly string[], signal?: AbortSignal): AsyncGenerator<FileInfo> {
  const ours = names.filter((name) => isFileName(type, name));
  for (let start = 0; start < ours.length; start += statBatch) {
    const infos = await Promise.all(ours.slice(start, start + statBatch).map((name) => infoOf(directory, type, name)));
    for (const info of infos) {
      signal?.throwIfAborted();
      if (info !== undefined) yield info;
    }
  }
}

async function infoOf(directory: string, type: FileType, name: string): Promise<FileInfo | undefined> {
  try {
    const found = await stat(join(directory, name));
    return found.isFile() ? { type, name, sizeBytes: found.size } : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
