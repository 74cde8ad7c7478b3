import { test } from 'node:test';
import type { Storage } from '../port/index.ts';
import type { ConformancePlace, OpenPlace } from './place.ts';

/** A test in a place of its own, made ready and removed afterwards. */
export function placeTest(title: string, open: OpenPlace, body: (storage: Storage, place: ConformancePlace) => Promise<void>): void {
  void test(title, async () => {
    const place = await open();
    try {
      await using storage = place.storage;
      await storage.create();
      await body(storage, place);
    } finally {
      await place.cleanup();
    }
  });
}
