import { describe } from 'node:test';
import { abortTests } from './abort-tests.ts';
import { concurrencyTests } from './concurrency-tests.ts';
import { failureTests } from './failure-tests.ts';
import { listTests } from './list-tests.ts';
import type { OpenPlace } from './place.ts';
import { rangeTests } from './range-tests.ts';
import { roundTripTests } from './round-trip-tests.ts';

export type { ConformancePlace, OpenPlace } from './place.ts';

/** Registers the tests which every driver and wrapper must pass: they are the promises of the port. */
export function storageConformance(name: string, open: OpenPlace): void {
  void describe(`storage conformance: ${name}`, () => {
    roundTripTests(open);
    rangeTests(open);
    listTests(open);
    failureTests(open);
    abortTests(open);
    concurrencyTests(open);
  });
}
