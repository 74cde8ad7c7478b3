import type { CodedError } from '@holdfast/kernel';
import type { Compression } from '../../crypto/compression.ts';
import type { MasterKey } from '../../crypto/master-key.ts';
import type { ScryptLane } from '../../crypto/scrypt-lane.ts';
import type { NodeTemplate } from '../../format/encode-node.ts';
import type { BlobTable } from '../../index/blob-table.ts';
import type { ExclusionRules } from './exclusion-rules.ts';

/** What a worker must know of a destination to seal blobs for it. */
export interface SealingDestination {
  readonly masterKey: MasterKey;
  readonly version: 1 | 2;
}

/** What every worker of a run needs to know first. */
export interface BackupSetup {
  readonly chunker: WebAssembly.Module;
  readonly polynomial: bigint;
  readonly compression: Compression;
  readonly destinations: readonly SealingDestination[];
  readonly timeZone: string;
  readonly withAtime: boolean;
  readonly ignoreCtime: boolean;
  readonly ignoreInode: boolean;
  readonly exclusions: ExclusionRules;
  /** Devices that may be entered; undefined = all. */
  readonly devices: readonly bigint[] | undefined;
}

/** A tree of the parent snapshot. */
export interface ParentTree {
  readonly id: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type BackupJob =
  /** To every worker, before anything else. */
  | { readonly kind: 'setup'; readonly setup: BackupSetup }
  /** To every worker: the indexes have grown new memory; a null entry is a destination that has failed. */
  | { readonly kind: 'tables'; readonly tables: readonly (BlobTable | null)[] }
  /** List a directory and do what it holds: unchanged files, small files, links and the like at once; the rest comes back as parts to be done. */
  | {
      readonly kind: 'directory';
      readonly path: Uint8Array;
      /** False below a mount point that is not entered: only the mount point itself is kept, empty. */
      readonly deviceAllowed: boolean;
      /** The directory's tree in the parent snapshot. */
      readonly parentTree: ParentTree | undefined;
    }
  /** One entry by its path (a target, or a directory on the way to one), under the name it gets in the snapshot. */
  | {
      readonly kind: 'entry';
      readonly path: Uint8Array;
      readonly name: Uint8Array;
      /** Named by the user: no exclusion rule applies. */
      readonly explicit: boolean;
      /** The tree that had it in the parent snapshot. */
      readonly previous: Uint8Array | undefined;
    }
  /** Read small files of one directory that are new or changed. */
  | { readonly kind: 'files'; readonly directory: Uint8Array; readonly names: readonly Uint8Array[] }
  /** Cut and store the next segment of a large file, from the last cut on. Emits a `SegmentCut` as soon as the cuts are known. */
  | { readonly kind: 'segment'; readonly path: Uint8Array; readonly fd: number; readonly offset: number }
  /** The same for contents at hand, many small ones or a piece of a large one. Emits a `SegmentCut` where the last of them goes on. */
  | { readonly kind: 'contents'; readonly batch: ContentBatch }
  /** Store a finished tree. */
  | { readonly kind: 'tree'; readonly bytes: Uint8Array }
  /** Help to derive a repository's key, before the set-up. */
  | { readonly kind: 'scrypt-lane'; readonly lane: ScryptLane };

/** Contents that lie one behind the other in memory that nobody changes until they are stored. */
export interface ContentBatch {
  readonly bytes: Uint8Array;
  /** Where each of them ends. */
  readonly ends: readonly number[];
  /** False where the last one has more than what is here, at least `segmentBytes`. */
  readonly isLastWhole: boolean;
}

/** How a file looked when its metadata were read, to tell whether it changed since. */
export interface FileIdentity {
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly mtimeSeconds: number;
  readonly mtimeNanos: number;
}

/** One stretch of a directory's nodes, in name order. */
export type DirectoryPart =
  | { readonly kind: 'nodes'; readonly json: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'files'; readonly names: readonly Uint8Array[] }
  | {
      readonly kind: 'large-file';
      readonly name: Uint8Array;
      readonly template: NodeTemplate;
      readonly sizeBytes: number;
      readonly seen: FileIdentity;
    }
  | {
      readonly kind: 'directory';
      readonly name: Uint8Array;
      readonly template: NodeTemplate;
      readonly deviceAllowed: boolean;
      readonly previousSubtree: string | undefined;
      /** Whether the directory's own metadata are as in the parent snapshot. */
      readonly sameMetadata: boolean;
    };

export interface EntryCounts {
  filesNew: number;
  filesChanged: number;
  filesUnmodified: number;
  /** Files done, and the bytes of their content, read or known. */
  files: number;
  bytes: number;
}

/** One thing of the source that could not be backed up as it is. */
export interface ItemProblem {
  readonly path: Uint8Array;
  /**
   * `changed`: stored, but it changed while it was read. `parent`: stored, but what the parent snapshot has of the directory is damaged.
   * The others are not in the snapshot (`metadata`: some of their metadata is not).
   */
  readonly kind: 'unreadable' | 'vanished' | 'changed' | 'metadata' | 'parent';
  readonly error: CodedError;
}

export interface BackupJobResult {
  readonly parts: readonly DirectoryPart[];
  /** For a directory: it is what its tree in the parent snapshot says, which every destination has. There are no parts then. */
  readonly isUnchanged?: boolean;
  readonly counts: EntryCounts;
  readonly problems: readonly ItemProblem[];
  /** For segments: IDs of the chunks, in order. */
  readonly content?: readonly string[];
  /** For contents: the same of each. */
  readonly contents?: readonly (readonly string[])[];
  readonly sizeBytes?: number;
  /** For a directory: the memory that its parent tree was in, to be used again. */
  readonly spareMemory?: ArrayBuffer | undefined;
  /** For a lane of scrypt. */
  readonly mixed?: Uint8Array;
}

/** A segment's cuts are known: the next one starts at `nextOffset`, or the file ended. */
export interface SegmentCut {
  readonly kind: 'cut';
  readonly nextOffset: number;
  readonly atEnd: boolean;
}

/** Sealed blobs on their way to the packs, in memory that the worker shares and waits to get back. */
export interface SealedBatch {
  readonly kind: 'sealed';
  readonly bytes: Uint8Array;
  /** Stored 0 and notified when the bytes have been copied; undefined when nobody waits. */
  readonly busy: Int32Array | undefined;
  readonly slot: number;
  /** 32 bytes a blob. */
  readonly ids: Uint8Array;
  /** Per blob: destination, 1 for a tree, sealed length, uncompressed length (0 = raw), content length. */
  readonly facts: Uint32Array;
}

export const factsPerBlob = 5;
