import { z } from 'zod';

/** A path from the root of a POSIX file system. It is data: it never reaches a shell. */
export const AbsolutePath = z
  .string()
  .min(1)
  .max(4095)
  .refine((path) => path.startsWith('/'), { error: 'Write the whole path, from / on.' })
  .refine((path) => !path.includes('\0'), { error: 'A path cannot hold a zero byte.' });
export type AbsolutePath = z.infer<typeof AbsolutePath>;
