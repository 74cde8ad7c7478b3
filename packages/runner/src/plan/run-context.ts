import type { Clock, RandomSource } from '@holdfast/kernel';
import type { StorageOpener } from '../vault/open-storage.ts';
import type { ItemList } from './item-list.ts';
import type { RunTeller } from './run-teller.ts';

/** What the execution of a plan works with. */
export interface RunContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly teller: RunTeller;
  readonly items: ItemList;
  /** How long a lock of others is waited for. */
  readonly lockWaitMs: number;
  /** For how long a failure of a storage that may pass is tried again. */
  readonly storageRetryMs: number;
  readonly openStorage: StorageOpener;
}
