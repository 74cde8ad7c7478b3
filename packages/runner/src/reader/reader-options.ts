import type { Clock } from '@holdfast/kernel';
import type { StorageOpener } from '../vault/open-storage.ts';

export interface VaultReaderOptions {
  readonly clock?: Clock;
  /** How many repositories are kept open; those in use are not counted out. Default 4. */
  readonly mostOpen?: number;
  /** How long one is kept open that nobody uses. Default five minutes. */
  readonly idleMs?: number;
  readonly openStorage?: StorageOpener;
}

/** For how long a read that a person waits for tries again. */
export const readRetryMs = 5_000;
