import { z } from 'zod';

/** Names a record: 32 lower-case hexadecimal digits that begin with the time of its making, so that they sort by age. */
export const Id = z.string().regex(/^[0-9a-f]{32}$/, 'An id is 32 lower-case hexadecimal digits.');
export type Id = z.infer<typeof Id>;

/** Names a snapshot in a repository: 64 lower-case hexadecimal digits. */
export const SnapshotId = z.string().regex(/^[0-9a-f]{64}$/, 'A snapshot id is 64 lower-case hexadecimal digits.');
export type SnapshotId = z.infer<typeof SnapshotId>;
