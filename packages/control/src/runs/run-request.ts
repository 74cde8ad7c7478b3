import { AbsolutePath, Id, PushPlan, RestorePlan, SnapshotId } from '@holdfast/contract';
import { z } from 'zod';

/** What a restore of files needs to know, in `run.request`. */
export const RestoreRequest = z.strictObject({
  snapshotId: SnapshotId,
  /** Connections that lead to the target. */
  chain: z.array(Id).default([]),
  paths: z.array(AbsolutePath),
  target: AbsolutePath,
  overwrite: RestorePlan.shape.overwrite,
  verify: z.boolean(),
  dryRun: z.boolean(),
});
export type RestoreRequest = z.infer<typeof RestoreRequest>;

/** What a restore of dumps needs to know. */
export const PushRequest = z.strictObject({
  push: z.literal(true),
  snapshotId: SnapshotId,
  /** The backup whose source is the server to restore to. */
  backupId: Id,
  rename: z.record(z.string(), z.string()),
  existing: PushPlan.shape.existing,
});
export type PushRequest = z.infer<typeof PushRequest>;

/** What a check needs to know. */
export const CheckRequest = z.strictObject({ readDataPercent: z.number().min(0).max(100) });

/** What a backup works with, written when it is claimed: its storage servers count as used from then on. */
export const BackupRequest = z.object({ storageServerIds: z.array(Id).default([]) });
