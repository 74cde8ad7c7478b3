import type { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../../crypto/master-key.ts';
import type { BlobIndex } from '../../index/blob-index.ts';
import type { BlobType } from '../../index/blob-type.ts';

/** What restore needs of a repository. Its index is loaded; a shared lock is held by the caller. */
export interface RestoreRepository {
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  readonly index: BlobIndex;
  /** The verified content of a blob, from any copy that is good. */
  loadBlob(type: BlobType, id: string, options?: CallOptions): Promise<Uint8Array>;
}

/** Chooses paths, as `PatternList` does: `childMayMatch` says whether something below the path may match. */
export interface PathMatcher {
  match(path: Uint8Array): { readonly matched: boolean; readonly childMayMatch: boolean };
}

/** What happens where something is in the way: see restic's `--overwrite`. Metadata are restored except on what is skipped. */
export type OverwriteRule = 'always' | 'if-changed' | 'if-newer' | 'never';

export interface RestoreOptions {
  /** ID of the tree whose entries go into the target. */
  readonly tree: string;
  /** Directory to restore into; made if it is missing. Its own path may lead through symbolic links, nothing below it may. */
  readonly target: Uint8Array | string;
  /** Only this directory's content, or only this file, named by its path in the tree: `home/user/notes.txt`. */
  readonly subpath?: Uint8Array | undefined;
  /** Only what matches, or all but what matches (not both). Paths are matched as `/path/in/what/is/restored`. */
  readonly include?: PathMatcher | undefined;
  readonly exclude?: PathMatcher | undefined;
  /** Default `always`: content that differs is rewritten. `if-changed` takes equal size and time for equal content. */
  readonly overwrite?: OverwriteRule | undefined;
  /** Also removes what is selected and not in the snapshot from the directories restored. */
  readonly delete?: boolean | undefined;
  /** Changes nothing and reports what would be done. */
  readonly dryRun?: boolean | undefined;
  /** Afterwards reads every restored file back and compares it with the snapshot. */
  readonly verify?: boolean | undefined;
  /** Leaves holes for runs of zeros in new files. */
  readonly sparse?: boolean | undefined;
  /** Owners by user and group name where this machine knows them, else by number. */
  readonly ownershipByName?: boolean | undefined;
  /** Patterns of extended attribute names to restore, or to leave alone (not both). */
  readonly includeAttributes?: readonly string[] | undefined;
  readonly excludeAttributes?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: RestoreProgress) => void) | undefined;
  /** Hears of every entry that is done, in no order. */
  readonly onItem?: ((item: RestoredItem) => void) | undefined;
}

export type ItemAction = 'directory-restored' | 'file-restored' | 'file-updated' | 'unchanged' | 'other-restored' | 'deleted';

export interface RestoredItem {
  readonly action: ItemAction;
  /** Relative to the target, without a leading slash. */
  readonly path: Buffer;
  readonly sizeBytes: number;
}

/** Figures with restic's meaning: files are entries of every kind, and a further name of a linked file has no bytes. */
export interface RestoreProgress {
  readonly totalFiles: number;
  readonly totalBytes: number;
  readonly filesRestored: number;
  readonly bytesRestored: number;
  /** Left as they were, because they were right or by the overwrite rule; not part of the totals. */
  readonly filesSkipped: number;
  readonly bytesSkipped: number;
  readonly filesDeleted: number;
  /** Files read back so far, and to be read back, when verifying. */
  readonly filesVerified: number;
  readonly filesToVerify: number;
}

/** One entry that is not there or not as it was. */
export interface RestoreProblem {
  /** Relative to the target, without a leading slash; empty for the target itself. */
  readonly path: Buffer;
  /** `content`: missing, or its content is not right. `metadata`: only its owner, mode, times or attributes. `deletion`: still there. */
  readonly kind: 'content' | 'metadata' | 'deletion';
  readonly error: CodedError;
}

export interface RestoreReport extends RestoreProgress {
  readonly problems: readonly RestoreProblem[];
}
