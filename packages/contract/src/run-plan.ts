import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';
import { Compression } from './compression.ts';
import { Id, SnapshotId } from './id.ts';
import { TimeZone } from './instant.ts';
import { RepositoryAccess } from './repository-access.ts';
import { Source } from './source.ts';

const every = {
  runId: Id,
  /** What the run is called in messages: the name of the backup or of the storage server. */
  title: z.string(),
};

/** Reads a source and leaves a snapshot in each destination. */
export const BackupPlan = z.strictObject({
  kind: z.literal('backup'),
  ...every,
  source: Source,
  destinations: z.array(RepositoryAccess).min(1),
  compression: Compression,
  /** The host name of the snapshots: it stays the same when the machine is renamed, so that a parent is found. */
  hostname: z.string(),
  tags: z.array(z.string()),
  timeZone: TimeZone,
});
export type BackupPlan = z.infer<typeof BackupPlan>;

/** Writes a snapshot, or a part of it, to a directory of this machine. */
export const RestorePlan = z.strictObject({
  kind: z.literal('restore'),
  ...every,
  repository: RepositoryAccess,
  snapshotId: SnapshotId,
  /** Paths of the snapshot, exact, never patterns. None: everything. */
  paths: z.array(AbsolutePath),
  target: AbsolutePath,
  overwrite: z.enum(['always', 'if-changed', 'if-newer', 'never']),
  /** Reads back what was written and compares. */
  verify: z.boolean(),
  dryRun: z.boolean(),
});
export type RestorePlan = z.infer<typeof RestorePlan>;

/** Looks for damage. */
export const CheckPlan = z.strictObject({
  kind: z.literal('check'),
  ...every,
  repository: RepositoryAccess,
  /** The share of the packs whose content is read: 0 none, 100 all. */
  readDataPercent: z.number().min(0).max(100),
});
export type CheckPlan = z.infer<typeof CheckPlan>;

/** Frees the space of what no snapshot uses. */
export const PrunePlan = z.strictObject({
  kind: z.literal('prune'),
  ...every,
  repository: RepositoryAccess,
  maxUnusedPercent: z.number().min(0).max(100),
});
export type PrunePlan = z.infer<typeof PrunePlan>;

/** Counts what snapshots occupy together, as they are added one by one. Changes nothing. */
export const MeasurePlan = z.strictObject({
  kind: z.literal('measure'),
  ...every,
  repository: RepositoryAccess,
  snapshotIds: z.array(SnapshotId),
});
export type MeasurePlan = z.infer<typeof MeasurePlan>;

/** Removes exactly these snapshots. */
export const ForgetPlan = z.strictObject({
  kind: z.literal('forget'),
  ...every,
  repository: RepositoryAccess,
  snapshotIds: z.array(SnapshotId).min(1),
});
export type ForgetPlan = z.infer<typeof ForgetPlan>;

/** Everything a run needs, secrets included: it goes to the runner over a private channel and is written nowhere. */
export const RunPlan = z.discriminatedUnion('kind', [BackupPlan, RestorePlan, CheckPlan, PrunePlan, MeasurePlan, ForgetPlan]);
export type RunPlan = z.infer<typeof RunPlan>;
