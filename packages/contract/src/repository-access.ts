import { z } from 'zod';
import { Id } from './id.ts';
import { StorageOptions, StorageSecrets } from './storage-options.ts';

/** All that is needed to open the repository of a storage server. Holds secrets: it travels over private channels only. */
export const RepositoryAccess = z.strictObject({
  storageServerId: Id,
  /** What people call the storage server, for messages. */
  name: z.string(),
  storage: StorageOptions,
  secrets: StorageSecrets.optional(),
  password: z.string(),
  /** The id in the repository's config as it was when Holdfast met it. Another one there now is another repository. */
  repositoryId: z.string(),
});
export type RepositoryAccess = z.infer<typeof RepositoryAccess>;
