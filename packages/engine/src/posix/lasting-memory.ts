import koffi from 'koffi';
import { declare, isDarwin } from './libc.ts';

const madvise = isDarwin ? undefined : declare<[bigint, number, number]>('int madvise(int64_t address, size_t length, int advice)');
const useHugePages = 14;
const hugePageBytes = 2 << 20;

/**
 * Memory that threads share and that is used again and again, in huge pages where the system has them: a large block then costs a few page
 * faults in place of thousands. What is never written is never resident.
 */
export function lastingMemory(sizeBytes: number): Uint8Array<SharedArrayBuffer> {
  const buffer = new SharedArrayBuffer(sizeBytes + hugePageBytes);
  const address = BigInt(koffi.address(new Uint8Array(buffer)));
  const offset = (hugePageBytes - Number(address % BigInt(hugePageBytes))) % hugePageBytes;
  madvise?.(address + BigInt(offset), sizeBytes, useHugePages); // a hint, so its failure means nothing
  return new Uint8Array(buffer, offset, sizeBytes);
}
