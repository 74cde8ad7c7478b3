import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileInfo, type FileType, isFileName } from '../port/index.ts';
import { isErrno } from './errno.ts';
import { isPackDirectoryName, type RepositoryLayout } from './repository-layout.ts';

/** As many sizes are asked for at once: enough to keep the thread pool busy. */
const statBatch = 256;

/**
 * The files of a type, some at a time (passing each one through generators would cost more than finding it). What is no file of the type
 * (temporary files, strangers, packs in the wrong directory) is left out, and so is what vanishes meanwhile.
 */
export async function* listFiles(layout: RepositoryLayout, type: FileType): AsyncGenerator<readonly FileInfo[], void, undefined> {
  for await (const { directory, names } of placesOf(layout, type)) {
    const ours = names.filter((name) => isFileName(type, name));
    for (let start = 0; start < ours.length; start += statBatch) {
      const infos = await Promise.all(ours.slice(start, start + statBatch).map((name) => infoOf(directory, type, name)));
      yield infos.filter((info) => info !== undefined);
    }
  }
}

interface Place {
  readonly directory: string;
  readonly names: readonly string[];
}

async function* placesOf(layout: RepositoryLayout, type: FileType): AsyncGenerator<Place, void, undefined> {
  if (type === 'config') {
    yield { directory: layout.base, names: ['config'] };
    return;
  }
  const directory = layout.directoryOfType(type);
  const names = await namesIn(directory, 'ENOENT');
  if (type !== 'data') {
    yield { directory, names };
    return;
  }
  for (const first of names.filter(isPackDirectoryName)) {
    const packs = await namesIn(join(directory, first), 'ENOENT', 'ENOTDIR');
    yield { directory: join(directory, first), names: packs.filter((name) => name.startsWith(first)) };
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

async function infoOf(directory: string, type: FileType, name: string): Promise<FileInfo | undefined> {
  try {
    const found = await stat(`${directory}/${name}`);
    return found.isFile() ? { type, name, sizeBytes: found.size } : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
