import type { CodedError } from '@holdfast/kernel';

export type FindingKind =
  | 'key'
  | 'index'
  | 'pack-contradictory'
  | 'pack-missing'
  | 'pack-size'
  | 'pack-data'
  | 'snapshot'
  | 'tree'
  | 'duplicate-pack'
  | 'mixed-pack';

/** One thing that a check found. `name` is the ID of the key, index file, pack, snapshot or tree. */
export interface Finding {
  readonly kind: FindingKind;
  readonly name: string;
  readonly error: CodedError;
}

/** A path in a snapshot that cannot be restored as it was. */
export interface AffectedPath {
  readonly snapshotId: string;
  /** Raw bytes, beginning with `/`. A directory stands for everything in it. */
  readonly path: Uint8Array;
  readonly isDirectory: boolean;
}

/** What a check found. `errors` and `affected` are cut at limits; the counts are not. */
export interface CheckReport {
  readonly errors: readonly Finding[];
  readonly errorCount: number;
  /** Not errors: packs named by two index files, packs that mix trees and data. */
  readonly hints: readonly Finding[];
  readonly hintCount: number;
  /** Packs that no index names: left by an interrupted run, harmless. */
  readonly orphanedPacks: readonly string[];
  /** Packs that are missing, of wrong size or damaged. */
  readonly damagedPacks: readonly string[];
  /** Snapshot files that cannot be read. */
  readonly damagedSnapshots: readonly string[];
  /** Whether rebuilding the index would mend something. */
  readonly suggestRepairIndex: boolean;
  /** Whether a prune would tidy something. */
  readonly suggestPrune: boolean;
  /** Which files of which snapshots the errors touch, most useful first. Empty without errors. */
  readonly affected: readonly AffectedPath[];
  readonly affectedIsComplete: boolean;
  readonly counts: CheckCounts;
}

export interface CheckCounts {
  readonly indexFiles: number;
  readonly packs: number;
  /** Blobs in the index, copies counted. */
  readonly blobs: number;
  readonly snapshots: number;
  readonly trees: number;
  /** Packs whose content was read, and their bytes. */
  readonly packsRead: number;
  readonly bytesRead: number;
}

/** What check is doing and how far it is; `total` grows while it is not known. `read-data` counts bytes, the others files or trees. */
export interface CheckProgress {
  readonly step: 'load-snapshots' | 'load-index' | 'trees' | 'read-data' | 'affected';
  readonly done: number;
  readonly total: number;
}
