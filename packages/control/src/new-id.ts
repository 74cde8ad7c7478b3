import { type Clock, type RandomSource, toHex } from '@holdfast/kernel';

/** A fresh id: 16 hexadecimal digits of the time in nanoseconds, so that ids sort by age, and 16 random ones. */
export function newId({ clock, random }: { readonly clock: Clock; readonly random: RandomSource }): string {
  return clock.nowNs().toString(16).padStart(16, '0') + toHex(random.bytes(8));
}
