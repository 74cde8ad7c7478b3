import { z } from 'zod';
import { AbsolutePath } from './absolute-path.ts';
import { Compression } from './compression.ts';
import { ChainLink } from './connection-options.ts';
import { Hook } from './hook.ts';
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
  /** How to get to the source; none: it is on this machine. */
  chain: z.array(ChainLink),
  source: Source,
  sourcePassword: z.string().nullable(),
  hooks: z.array(Hook),
  destinations: z.array(RepositoryAccess).min(1),
  compression: Compression,
  /** The host name of the snapshots: it stays the same when the machine is renamed, so that a parent is found. */
  hostname: z.string(),
  tags: z.array(z.string()),
  timeZone: TimeZone,
});
export type BackupPlan = z.infer<typeof BackupPlan>;

/** Writes a snapshot of files, or a part of it, to a directory at the end of a chain. */
export const RestorePlan = z.strictObject({
  kind: z.literal('restore'),
  ...every,
  /** How to get to the target; none: it is on this machine. */
  chain: z.array(ChainLink),
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

/** Puts the dumps of a snapshot back into a server of the kind that they are of. */
export const PushPlan = z.strictObject({
  kind: z.literal('push'),
  ...every,
  repository: RepositoryAccess,
  snapshotId: SnapshotId,
  chain: z.array(ChainLink),
  source: Source,
  sourcePassword: z.string().nullable(),
  /** Restores under another name what is named here: database → database, path → path. */
  rename: z.record(z.string(), z.string()),
  /** What to do where something of that name is there. */
  existing: z.enum(['refuse', 'replace']),
});
export type PushPlan = z.infer<typeof PushPlan>;

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
export const RunPlan = z.discriminatedUnion('kind', [BackupPlan, RestorePlan, PushPlan, CheckPlan, PrunePlan, MeasurePlan, ForgetPlan]);
export type RunPlan = z.infer<typeof RunPlan>;
