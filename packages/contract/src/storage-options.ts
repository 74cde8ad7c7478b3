import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';

/** Where a storage server keeps its files, by driver. */
export const StorageOptions = z.discriminatedUnion('driver', [z.strictObject({ driver: z.literal('local'), path: AbsolutePath })]);
export type StorageOptions = z.infer<typeof StorageOptions>;
