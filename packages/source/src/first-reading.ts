import type { FailureReading } from './source-errors.ts';

export type { FailureReading } from './source-errors.ts';

/** The reading of the first pattern that is found in what a program said. */
export function firstReading(readings: readonly (readonly [RegExp, FailureReading])[], said: string): FailureReading | undefined {
  return readings.find(([pattern]) => pattern.test(said))?.[1];
}
