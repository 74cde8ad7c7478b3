import type { NodeType } from '../../format/tree-node.ts';

/** What a listing says of one entry. Paths, link targets and names are raw bytes. */
export interface ListedEntry {
  /** Absolute and clean: no `.`, `..`, double or trailing slash. */
  readonly path: Uint8Array;
  readonly type: NodeType;
  /** The twelve permission bits of Unix. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  /** Empty when the ID has no name there. */
  readonly user: string;
  readonly group: string;
  /** Undefined where only reading tells: such a file is read by every backup. */
  readonly sizeBytes: number | undefined;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  /** Device that the entry lies on; 0 where the listing cannot tell. */
  readonly deviceId: bigint;
  readonly links: number;
  /** Of a symbolic link. */
  readonly linkTarget: Uint8Array | undefined;
  /** Number of the device that the entry is, in Linux's encoding; 0 for all that is none. */
  readonly device: bigint;
}

/** Why a source could not give an entry, or not as it was listed. */
export interface SourceProblem {
  /** Absolute; the path of a target where nothing better is known. */
  readonly path: Uint8Array;
  /** `changed`: what was delivered is not what was listed. */
  readonly kind: 'unreadable' | 'vanished' | 'changed';
  /** What the far side said, in its words: one line, no secrets. */
  readonly reason: string;
}

export type ListedItem =
  /** `onTheWay`: a directory that leads to a target; only its own metadata are wanted. All of these come before the others. */
  | { readonly kind: 'entry'; readonly entry: ListedEntry; readonly onTheWay: boolean }
  | { readonly kind: 'problem'; readonly problem: SourceProblem };

export type DeliveredItem =
  /**
   * The content of `files[index]`, to be read to its end before the next item is asked for, unless it is `independent` of the others: then it
   * may be read beside them. It throws when it is cut short.
   */
  | {
      readonly kind: 'content';
      readonly index: number;
      readonly independent?: boolean;
      /** As it was when it was read; undefined where the source cannot tell. */
      readonly mtimeNs: bigint | undefined;
      readonly bytes: AsyncIterable<Uint8Array>;
    }
  /** `files[index]` has the same content as `files[of]`, which was delivered before: they are names of one file. */
  | { readonly kind: 'same'; readonly index: number; readonly of: number }
  | { readonly kind: 'problem'; readonly problem: SourceProblem };

/** A directory that holds a file of this name that begins with `header` is a cache: only that file is kept of it. */
export interface DirectoryTag {
  readonly name: Uint8Array;
  readonly header: Uint8Array;
}

/**
 * What a backup needs of a source that is not the file system of this machine. Both streams end in an error unless it is proven that they
 * are whole: a listing that was cut short looks like files that were deleted.
 */
export interface EntrySource {
  /**
   * Everything at and below the targets (absolute, clean paths), each directory before what it holds and everything below a directory before
   * the next entry beside it. Within a directory in any order.
   */
  list(
    targets: readonly Uint8Array[],
    options: { readonly oneFileSystem: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<ListedItem>;
  /** The contents of these files, in any order, each at most once. What is not delivered is not in the snapshot. */
  read(files: readonly ListedEntry[], options: { readonly signal?: AbortSignal }): AsyncIterable<DeliveredItem>;
  /** The directories below the targets that carry the tag. */
  findTagged(
    targets: readonly Uint8Array[],
    tag: DirectoryTag,
    options: { readonly oneFileSystem: boolean; readonly signal?: AbortSignal },
  ): AsyncIterable<Uint8Array>;
}
