import koffi from 'koffi';
import { declare, isDarwin } from './libc.ts';

const madvise = isDarwin ? undefined : declare<[bigint, number, number]>('int madvise(int64_t address, size_t length, int advice)');
const useHugePages = 14;
const notNeeded = 4;
const smallPageBytes = 4096n;

/** What the system takes as one page where it is asked for huge ones. */
export const hugePageBytes = 2 << 20;

/** Where memory begins. */
export function addressOf(memory: Uint8Array): bigint {
  return koffi.address(memory);
}

/**
 * Asks the system for huge pages under memory that was not written yet: a large block then costs a few page faults in place of thousands,
 * and is found faster. A hint, so its failure means nothing.
 */
export function adviseHugePages(memory: Uint8Array): void {
  const address = addressOf(memory);
  const skipped = (smallPageBytes - (address % smallPageBytes)) % smallPageBytes;
  if (skipped < memory.byteLength) madvise?.(address + skipped, memory.byteLength - Number(skipped), useHugePages);
}

/**
 * Gives the system back what lies under memory that is used no more, without waiting for the collector. Its content is lost. Only for memory
 * that is private to this process; where the system does not do so at once (macOS), nothing happens.
 */
export function giveBack(memory: Uint8Array): void {
  const address = addressOf(memory);
  const skipped = (smallPageBytes - (address % smallPageBytes)) % smallPageBytes;
  const length = memory.byteLength - Number(skipped);
  if (length > 0) madvise?.(address + skipped, length - (length % Number(smallPageBytes)), notNeeded);
}
