import { z } from 'zod';

/** How hard to compress: not at all, as fast as the disk, or a level of zstd. */
export const Compression = z.union([z.enum(['off', 'auto', 'better', 'max']), z.int().min(1).max(22)]);
export type Compression = z.infer<typeof Compression>;
