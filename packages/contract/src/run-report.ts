import { z } from 'zod';
import { Id, SnapshotId } from './id.ts';
import { EpochMs } from './instant.ts';
import { ReportedError } from './reported-error.ts';

const count = z.int().nonnegative();

/** An entry that could not be backed up, restored or read. Names are text for people; what is no UTF-8 in them is escaped. */
export const ItemProblem = z.strictObject({
  path: z.string(),
  /** `unreadable`, `vanished`, `changed`, `unwritable`, `damaged`, … */
  kind: z.string(),
  reason: z.string(),
});
export type ItemProblem = z.infer<typeof ItemProblem>;

/** How many item problems a report names; `itemCount` counts all. */
export const mostItems = 1000;

/** What a backup left on one storage server, with the evidence of it. */
export const DestinationReport = z.strictObject({
  storageServerId: Id,
  name: z.string(),
  snapshotId: SnapshotId.nullable(),
  /** The snapshot was read back from the storage by its id after it was written, and its root tree with it. */
  reopened: z.boolean(),
  /** The tree that the snapshot read back names is the one that was stored. */
  treeMatches: z.boolean(),
  dataBlobs: count,
  treeBlobs: count,
  /** Bytes of content that this destination did not have. */
  addedBytes: count,
  /** What they occupy there, compressed and sealed. */
  storedBytes: count,
  error: ReportedError.nullable(),
});
export type DestinationReport = z.infer<typeof DestinationReport>;

const every = {
  runId: Id,
  startMs: EpochMs,
  endMs: EpochMs,
  items: z.array(ItemProblem).max(mostItems),
  itemCount: count,
  /** What ended the run before its end. */
  error: ReportedError.nullable(),
};

export const BackupReport = z.strictObject({
  kind: z.literal('backup'),
  ...every,
  /** Roots that were asked for, and those of them that were found and read. */
  rootsAsked: count,
  rootsFound: count,
  /** The walk came to its end. */
  sourceEnded: z.boolean(),
  filesNew: count,
  filesChanged: count,
  filesUnmodified: count,
  directories: count,
  files: count,
  bytes: count,
  /** Items that are missing in the snapshot, so that it is not complete. Files that changed while being read are in it. */
  itemsLeftOut: count,
  destinations: z.array(DestinationReport),
});
export type BackupReport = z.infer<typeof BackupReport>;

export const RestoreReport = z.strictObject({
  kind: z.literal('restore'),
  ...every,
  target: z.string(),
  filesPlanned: count,
  filesRestored: count,
  filesKept: count,
  bytesWritten: count,
  verified: z.boolean(),
  dryRun: z.boolean(),
  ended: z.boolean(),
});
export type RestoreReport = z.infer<typeof RestoreReport>;

export const PushReport = z.strictObject({
  kind: z.literal('push'),
  ...every,
  /** Where to, for people: `PostgreSQL on ssh deploy@db1`. */
  target: z.string(),
  /** What was restored, and under which name it is there now. */
  restored: z.array(z.strictObject({ path: z.string(), as: z.string() })),
  /** What was left alone or not taken, for people. */
  notes: z.array(z.string()),
  ended: z.boolean(),
});
export type PushReport = z.infer<typeof PushReport>;

export const CheckReport = z.strictObject({
  kind: z.literal('check'),
  ...every,
  errorCount: count,
  errors: z.array(z.string()),
  hints: z.array(z.string()),
  damagedSnapshots: z.array(SnapshotId),
  affectedPaths: z.array(z.string()),
  packs: count,
  packsRead: count,
  bytesRead: count,
  snapshots: count,
  ended: z.boolean(),
});
export type CheckReport = z.infer<typeof CheckReport>;

export const PruneReport = z.strictObject({
  kind: z.literal('prune'),
  ...every,
  bytesBefore: count,
  bytesRemoved: count,
  bytesRepacked: count,
  packsRemoved: count,
  bytesAfter: count,
  ended: z.boolean(),
});
export type PruneReport = z.infer<typeof PruneReport>;

export const MeasureReport = z.strictObject({
  kind: z.literal('measure'),
  ...every,
  /** For each snapshot of the plan, in its order: the stored bytes it adds to those before it. */
  growthBytes: z.array(count),
  /** Snapshots that are not there any more. */
  missing: z.array(SnapshotId),
  /** All snapshots of the repository. */
  present: z.array(SnapshotId),
  ended: z.boolean(),
});
export type MeasureReport = z.infer<typeof MeasureReport>;

export const ForgetReport = z.strictObject({
  kind: z.literal('forget'),
  ...every,
  /** Proven by listing again. */
  removed: z.array(SnapshotId),
  remaining: z.array(SnapshotId),
  ended: z.boolean(),
});
export type ForgetReport = z.infer<typeof ForgetReport>;

/**
 * What a run ended with, as the runner saw it: figures and evidence, no judgement. Whether that is success is decided from it in one place,
 * by the control plane.
 */
export const RunReport = z.discriminatedUnion('kind', [
  BackupReport,
  RestoreReport,
  PushReport,
  CheckReport,
  PruneReport,
  MeasureReport,
  ForgetReport,
]);
export type RunReport = z.infer<typeof RunReport>;
