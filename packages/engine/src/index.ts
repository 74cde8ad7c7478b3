export type { Compression } from './crypto/compression.ts';
export type { MasterKey } from './crypto/master-key.ts';
export { compareNames } from './format/encode-tree.ts';
export type { Snapshot, SnapshotSummary } from './format/snapshot.ts';
export type { NodeType, TreeNode } from './format/tree-node.ts';
export type { BlobType } from './index/blob-type.ts';
export { returnFreedMemory } from './posix/memory-return.ts';
export * from './repository/index.ts';
export * from './selection/index.ts';
export * from './verbs/backup/index.ts';
export type {
  DeliveredItem,
  DirectoryTag,
  EntrySource,
  ListedEntry,
  ListedItem,
  SourceProblem,
} from './verbs/backup-entries/entry-source.ts';
export { type CheckOptions, check, everyPack, type PackToRead } from './verbs/check/check.ts';
export type { AffectedPath, CheckProgress, CheckReport, Finding } from './verbs/check/check-report.ts';
export { type CopyOptions, type CopyOutcome, type CopyProgress, type CopyReport, copySnapshots } from './verbs/copy/copy.ts';
export { type DiffStats, diff } from './verbs/diff.ts';
export { type Dump, type DumpOptions, dump } from './verbs/dump/dump.ts';
export { type ForgetOptions, type ForgetReport, forgetSnapshots } from './verbs/forget.ts';
export { changePassword, removeKey } from './verbs/keys.ts';
export { type PruneProgress, type PruneReport, type PruneRunOptions, prune } from './verbs/prune/prune.ts';
export type { PruneFigures } from './verbs/prune/prune-figures.ts';
export { type PruneOptions, unusedShare } from './verbs/prune/prune-options.ts';
export { mustBeComplete, restore } from './verbs/restore/restore.ts';
export type {
  OverwriteRule,
  RestoredItem,
  RestoreOptions,
  RestoreProblem,
  RestoreProgress,
  RestoreReport,
} from './verbs/restore/restore-options.ts';
export { type StatsMode, type StatsOptions, type StatsReport, stats } from './verbs/stats.ts';
export { changeTags } from './verbs/tag.ts';
export { type UnionGrowthOptions, unionGrowth } from './verbs/union-growth.ts';
export { unlock } from './verbs/unlock.ts';
export { findSubfolder, type WalkedEntry, walkSnapshot } from './verbs/walk-snapshot.ts';
