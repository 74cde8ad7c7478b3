import { forEachBounded } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { decodeIndex } from '../format/index-file.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { UnpackedFiles } from './unpacked-files.ts';

export interface LoadIndexOptions extends CallOptions {
  readonly onProgress?: (done: number, total: number) => void;
}

/** Names of the files that an index was filled from. They are named by their content: the same names are the same index. */
export type IndexFiles = ReadonlySet<string>;

/** Fills the index from every index file. One that cannot be read is an error: what it names would seem missing. */
export async function loadIndex(storage: Storage, files: UnpackedFiles, index: BlobIndex, options: LoadIndexOptions): Promise<IndexFiles> {
  const names = await listIndexFiles(storage, options);
  let done = 0;
  await forEachBounded(
    names,
    storage.properties.connections,
    async (name) => {
      addIndexFile(index, await files.load('index', name, options));
      options.onProgress?.(++done, names.length);
    },
    options.signal,
  );
  return new Set(names);
}

/** Names of the index files that are there now. */
export async function listIndexFiles(storage: Storage, options: CallOptions): Promise<string[]> {
  return (await Array.fromAsync(storage.list('index', options))).map(({ name }) => name);
}

/** Adds what one index file says. */
export function addIndexFile(index: BlobIndex, plaintext: Uint8Array): void {
  let pack = 0;
  decodeIndex(plaintext, {
    pack: (id) => {
      pack = index.addPack(id);
    },
    blob: (type, id, offset, sealedBytes, uncompressedBytes) => {
      index.add(type, id, { pack, offset, sealedBytes, uncompressedBytes });
    },
  });
}
