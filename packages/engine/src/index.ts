export type { Compression } from './crypto/compression.ts';
export type { MasterKey } from './crypto/master-key.ts';
export { compareNames } from './format/encode-tree.ts';
export type { Snapshot, SnapshotSummary } from './format/snapshot.ts';
export type { NodeType, TreeNode } from './format/tree-node.ts';
export type { BlobType } from './index/blob-type.ts';
export { returnFreedMemory } from './posix/memory-return.ts';
export { loadKeyFile } from './repository/keys.ts';
export { type InitOptions, type OpenOptions, Repository, type StoredSnapshot } from './repository/repository.ts';
export type { LockOptions, RepositoryLock } from './repository/repository-lock.ts';
export { type CalendarDuration, parseDuration } from './selection/duration.ts';
export { expandGlob } from './selection/expand-glob.ts';
export { applyPolicy, type ForgetPolicy, isEmptyPolicy } from './selection/forget-policy.ts';
export { groupSnapshots, parseGroupBy } from './selection/group-snapshots.ts';
export { chooseParent } from './selection/parent-snapshot.ts';
export { escapePattern, PatternList } from './selection/path-pattern.ts';
export { pathBytes, pathText } from './selection/path-text.ts';
export { parsePatternFile } from './selection/pattern-file.ts';
export { parsePercentage, parseSize } from './selection/size.ts';
export {
  byTime,
  matchesFilter,
  type NamedSnapshot,
  parseTagList,
  resolveSnapshot,
  type SnapshotFilter,
} from './selection/snapshot-filter.ts';
export { parseSubset, selectSubset } from './selection/subset.ts';
export { absolutePath, backup, startBackupWorkers } from './verbs/backup/backup.ts';
export type { ItemProblem } from './verbs/backup/backup-job.ts';
export type { BackupOptions, BackupProgress, BackupReport } from './verbs/backup/backup-options.ts';
export { targetExists } from './verbs/backup/missing-targets.ts';
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
