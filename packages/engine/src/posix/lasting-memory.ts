import { addressOf, adviseHugePages, hugePageBytes } from './huge-pages.ts';

/**
 * Memory that threads share and that is used again and again, in huge pages where the system has them. What is never written is never
 * resident.
 */
export function lastingMemory(sizeBytes: number): Uint8Array<SharedArrayBuffer> {
  const buffer = new SharedArrayBuffer(sizeBytes + hugePageBytes);
  const offset = (hugePageBytes - Number(addressOf(new Uint8Array(buffer)) % BigInt(hugePageBytes))) % hugePageBytes;
  const memory = new Uint8Array(buffer, offset, sizeBytes);
  adviseHugePages(memory);
  return memory;
}
