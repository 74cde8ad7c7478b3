import type { Clock } from '@holdfast/kernel';

/** The time of the clock in whole milliseconds since 1970. */
export function nowMs(clock: Clock): number {
  return Number(clock.nowNs() / 1_000_000n);
}
