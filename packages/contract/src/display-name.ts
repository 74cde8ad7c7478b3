import { z } from 'zod';

/** What a person calls a thing. Any text of one line. */
export const DisplayName = z
  .string()
  .trim()
  .min(1, 'Give it a name.')
  .max(100, 'A name has at most 100 characters.')
  .refine((name) => !/\p{Cc}/u.test(name), { error: 'A name cannot hold line breaks or control characters.' });
export type DisplayName = z.infer<typeof DisplayName>;
