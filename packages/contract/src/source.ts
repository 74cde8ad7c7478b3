import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';

/** What a backup reads, by driver. */
export const Source = z.discriminatedUnion('driver', [
  z.strictObject({
    driver: z.literal('files'),
    paths: z.array(AbsolutePath).min(1, 'Name at least one directory or file.').max(1000),
    /** Patterns as restic writes them: `*.tmp`, `/home/user/cache`, `!keep.tmp`. */
    excludes: z.array(z.string().min(1).max(4095)).max(1000).default([]),
    /** Leaves out directories that hold a CACHEDIR.TAG. */
    excludeCaches: z.boolean().default(false),
    oneFileSystem: z.boolean().default(false),
    excludeLargerThanBytes: z.int().positive().nullable().default(null),
  }),
]);
export type Source = z.infer<typeof Source>;
