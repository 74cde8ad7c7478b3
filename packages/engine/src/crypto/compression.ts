import type { Effort } from './zstd.ts';

/** How data are compressed: restic's words, or a level of zstd. Trees are always compressed in a repository of version 2. */
export type Compression = 'off' | 'fastest' | 'auto' | 'better' | 'max' | number;

const namedEfforts = { off: 'auto', fastest: 1, auto: 'auto', better: 7, max: 12 } as const; // `off`: for trees

/** What to ask of zstd where something is compressed at all. */
export function effortOf(compression: Compression): Effort {
  return typeof compression === 'number' ? compression : namedEfforts[compression];
}
