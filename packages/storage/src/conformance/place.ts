import type { Storage } from '../port/index.ts';

/** A place for a repository, new and empty. */
export interface ConformancePlace {
  readonly storage: Storage;
  /** Opens the same place a second time. */
  reopen(): Promise<Storage>;
  /** Removes what is there. The storages were disposed of before. */
  cleanup(): Promise<void>;
}

/** Opens a new place for each test. */
export type OpenPlace = () => Promise<ConformancePlace>;
