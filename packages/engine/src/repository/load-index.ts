import { forEachBounded } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { decodeIndex } from '../format/index-file.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import type { UnpackedFiles } from './unpacked-files.ts';

export interface LoadIndexOptions extends CallOptions {
  readonly onProgress?: (done: number, total: number) => void;
}

/** Fills the index from every index file. One that cannot be read is an error: what it names would seem missing. */
export async function loadIndex(storage: Storage, files: UnpackedFiles, index: BlobIndex, options: LoadIndexOptions): Promise<void> {
  const names = (await Array.fromAsync(storage.list('index', options))).map(({ name }) => name);
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
