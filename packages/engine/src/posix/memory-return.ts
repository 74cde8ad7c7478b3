import { declare, isDarwin } from './libc.ts';

const mmapThreshold = -3;

/**
 * Has the C library give blocks above 1 MiB back to the system as soon as they are freed. By default glibc raises that limit to 32 MiB when
 * packs come and go, and then keeps their memory. To be called once, early; does nothing where there is no such setting.
 */
export function returnFreedMemory(): void {
  if (isDarwin) return;
  try {
    declare<[number, number]>('int mallopt(int parameter, int value)')(mmapThreshold, 1 << 20);
  } catch (error) {
    // musl has no mallopt, and no need of it.
    if (!(error instanceof Error)) throw error;
  }
}
