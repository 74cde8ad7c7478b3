import { z } from 'zod';
import { Id, SnapshotId } from '../id.ts';
import { EpochMs } from '../instant.ts';
import { route } from './base.ts';
import { PageInput, page } from './page.ts';

/** A snapshot on one storage server. `id` is Holdfast's; `snapshotId` is the repository's. */
export const StoredSnapshot = z.strictObject({
  id: Id,
  snapshotId: SnapshotId,
  storageServerId: Id,
  backupId: Id.nullable(),
  runId: Id.nullable(),
  timeMs: EpochMs,
  files: z.int().nullable(),
  bytes: z.int().nullable(),
  addedBytes: z.int().nullable(),
  complete: z.boolean(),
  pinned: z.boolean(),
});
export type StoredSnapshot = z.infer<typeof StoredSnapshot>;

/** An entry of a directory of a snapshot. Names that are no UTF-8 are shown with escapes and cannot be asked for by path. */
export const SnapshotEntry = z.strictObject({
  name: z.string(),
  path: z.string(),
  type: z.enum(['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket', 'irregular']),
  sizeBytes: z.int().nullable(),
  modifiedMs: EpochMs,
  mode: z.int(),
  linkTarget: z.string().nullable(),
});
export type SnapshotEntry = z.infer<typeof SnapshotEntry>;

/** What retention does with a snapshot, and why. */
export const RetentionVerdict = z.strictObject({
  id: Id,
  timeMs: EpochMs,
  keep: z.boolean(),
  rule: z.string(),
  untilMs: EpochMs.nullable(),
});
export type RetentionVerdict = z.infer<typeof RetentionVerdict>;

export const snapshots = {
  list: route
    .route({ method: 'GET', path: '/snapshots', tags: ['snapshots'], summary: 'Snapshots, newest first' })
    .input(PageInput.extend({ backupId: Id.optional(), storageServerId: Id.optional() }))
    .output(page(StoredSnapshot)),
  entries: route
    .route({ method: 'GET', path: '/snapshots/{id}/entries', tags: ['snapshots'], summary: 'What a directory of a snapshot holds' })
    .input(z.strictObject({ id: Id, path: z.string().max(4096).default('/') }))
    .output(z.strictObject({ path: z.string(), entries: z.array(SnapshotEntry), truncated: z.boolean() })),
  downloadLink: route
    .route({
      method: 'POST',
      path: '/snapshots/{id}/download',
      tags: ['snapshots'],
      summary: 'A link, good for one minute and one use, to a file or a directory as tar',
    })
    .input(z.strictObject({ id: Id, path: z.string().min(1).max(4096) }))
    .output(z.strictObject({ url: z.string(), fileName: z.string() })),
  pin: route
    .route({ method: 'POST', path: '/snapshots/{id}/pin', tags: ['snapshots'], summary: 'Keep it whatever the policy says, or no longer' })
    .input(z.strictObject({ id: Id, pinned: z.boolean() }))
    .output(StoredSnapshot),
};
