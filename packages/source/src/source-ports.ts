import type { Clock, RandomSource } from '@holdfast/kernel';

/** What a driver takes of the outside besides its host. Default: the system's. */
export interface SourcePorts {
  readonly clock?: Clock;
  readonly random?: RandomSource;
}
