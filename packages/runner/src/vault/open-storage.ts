import type { StorageOptions } from '@holdfast/contract';
import { type Clock, systemRandom } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import type { Storage } from '@holdfast/storage/port';
import { RetryStorage } from '@holdfast/storage/retry';

/** How a storage is to behave when it fails. */
export interface StorageSettings {
  readonly clock: Clock;
  /** For how long a failure that may pass is tried again. */
  readonly retryMs: number;
  /** Hears of each failure that is tried again: a sentence. */
  readonly onRetry: (text: string) => void;
}

/** Makes the storage that the options tell of, without touching it. */
export type StorageOpener = (options: StorageOptions, settings: StorageSettings) => Storage;

const localConnections = 4;

/** The storage of the options, by its driver. Passing failures are tried again. */
export const openStorage: StorageOpener = (options, { clock, retryMs, onRetry }) => {
  const storage = new LocalStorage({ path: options.path, connections: localConnections });
  return new RetryStorage(storage, {
    clock,
    random: systemRandom,
    totalMs: retryMs,
    onRetry: ({ error }) => onRetry(`${error.message}; trying again`),
  });
};
