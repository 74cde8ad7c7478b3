import { forEachBounded } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { IndexInventory } from './index-inventory.ts';

/** What reading the index files needs of a repository. */
export interface IndexRepository {
  readonly storage: Storage;
  loadFile(type: 'index', name: string, options?: CallOptions): Promise<Uint8Array>;
}

export interface LoadInventoryOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((filesDone: number, filesTotal: number) => void) | undefined;
  /** Takes the error of one index file, so that the others are read; without it the first one is thrown. */
  readonly onFailure?: ((name: string, error: unknown) => void) | undefined;
}

/** Adds every index file of the repository that the inventory has not read yet. */
export async function loadInventory(
  repository: IndexRepository,
  inventory: IndexInventory,
  options: LoadInventoryOptions = {},
): Promise<void> {
  const { storage } = repository;
  const call: CallOptions = options.signal === undefined ? {} : { signal: options.signal };
  const names: string[] = [];
  for await (const { name } of storage.list('index', call)) if (!inventory.files.has(name)) names.push(name);
  let done = 0;
  await forEachBounded(
    names,
    storage.properties.connections,
    async (name) => {
      try {
        inventory.addFile(name, await repository.loadFile('index', name, call));
      } catch (error) {
        if (options.onFailure === undefined) throw error;
        options.onFailure(name, error);
      }
      options.onProgress?.(++done, names.length);
    },
    options.signal,
  );
}
