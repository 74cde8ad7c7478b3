import { z } from 'zod';

/** A setting: its name in the database, what it may hold, and what it is until somebody sets it. Never a secret in the open. */
export interface Setting<T> {
  readonly key: string;
  readonly schema: z.ZodType<T>;
  readonly fallback: T;
}

/** Where people reach this Holdfast, for links in messages: `https://backup.example.org`. Null: nobody has said. */
export const publicAddress: Setting<string | null> = {
  key: 'public-address',
  schema: z
    .url({ protocol: /^https?$/, error: 'Write an address such as https://backup.example.org.' })
    .max(500)
    .refine((address) => !/[?#@]/.test(address), { error: 'Write the address without a name, a query or a mark.' })
    .transform((address) => address.replace(/\/+$/, ''))
    .nullable(),
  fallback: null,
};
