import type { DumpSource } from '@holdfast/contract';

/** Where the dumps of a source lie in its snapshots. */
export function placeOfDumps({ driver }: DumpSource): string {
  return `/${driver}`;
}
