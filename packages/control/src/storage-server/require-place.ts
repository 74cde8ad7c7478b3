import { type StorageOptions, storagePlace } from '@holdfast/contract';
import { CodedError } from '@holdfast/kernel';
import type { Tables } from '../database/database.ts';
import { nameTaken } from '../refusals.ts';
import { readStorageServers } from './storage-server-view.ts';

export interface WantedPlace {
  /** Of the storage server that may be there itself. */
  readonly id?: string;
  readonly name?: string | undefined;
  readonly options?: StorageOptions | undefined;
  readonly repositoryId?: string;
}

/** `conflict` if another storage server has that name, that place or that repository. */
export async function requirePlace(tables: Tables, wanted: WantedPlace): Promise<void> {
  for (const other of await readStorageServers(tables)) {
    if (other.id === wanted.id) continue;
    if (other.name === wanted.name) throw nameTaken('storage server', wanted.name, 'name');
    const isSamePlace = wanted.options !== undefined && isSame(wanted.options, other.options);
    if (isSamePlace || other.repositoryId === wanted.repositoryId) {
      throw new CodedError({
        code: 'conflict',
        message: `The storage server ${other.name} ${isSamePlace ? 'is at that place' : 'holds that repository'} already`,
        hint: 'Use that one, or choose another place.',
        context: { field: 'options' },
      });
    }
  }
}

function isSame(a: StorageOptions, b: StorageOptions): boolean {
  return a.driver === b.driver && plainPlace(a) === plainPlace(b);
}

/** One writing of a place for the several that a person may use. */
export function plainPlace(options: StorageOptions): string {
  if (options.driver !== 'local') return storagePlace(options);
  return options.path.replaceAll(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}
