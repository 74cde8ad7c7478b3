import { z } from 'zod';

/** Where a page of a long list begins: `after` is what the page before said, none for the first. */
export const PageInput = z.strictObject({
  after: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** A page of a list, newest first. `next` is null at its end. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.strictObject({ items: z.array(item), next: z.string().nullable() });
}
