import { AbsolutePath, Id, RestorePlan, SnapshotId } from '@holdfast/contract';
import { z } from 'zod';

/** What a restore needs to know, in `run.request`. */
export const RestoreRequest = z.strictObject({
  snapshotId: SnapshotId,
  paths: z.array(AbsolutePath),
  target: AbsolutePath,
  overwrite: RestorePlan.shape.overwrite,
  verify: z.boolean(),
  dryRun: z.boolean(),
});
export type RestoreRequest = z.infer<typeof RestoreRequest>;

/** What a check needs to know. */
export const CheckRequest = z.strictObject({ readDataPercent: z.number().min(0).max(100) });

/** What a backup works with, written when it is claimed: its storage servers count as used from then on. */
export const BackupRequest = z.object({ storageServerIds: z.array(Id).default([]) });
