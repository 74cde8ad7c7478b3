export type EntryType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket' | 'irregular';

/** What a listing says of one entry, in the terms of a restic node. Paths and link targets are raw bytes. */
export interface ListedEntry {
  /** Absolute and clean: no `.`, `..`, double or trailing slash. */
  readonly path: Uint8Array;
  readonly type: EntryType;
  /** The twelve permission bits of Unix. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  /** Empty when the ID has no name there. */
  readonly user: string;
  readonly group: string;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly inode: bigint;
  /** Device that the entry lies on. */
  readonly deviceId: bigint;
  readonly links: number;
  /** Of a symbolic link. */
  readonly linkTarget: Uint8Array | undefined;
  /** Number of the device that the entry is, in Linux's encoding; 0 for all that is none. */
  readonly device: bigint;
}

/** Why an entry could not be given, or not as it was listed. */
export interface FileProblem {
  readonly path: Uint8Array;
  /** `changed`: what was delivered is not what was listed. */
  readonly kind: 'unreadable' | 'vanished' | 'changed';
  /** What the far side said, in its words: one line. */
  readonly reason: string;
}

export type ListedItem =
  /** `onTheWay`: a directory that leads to a target; only its own metadata are wanted. All of these come before the others. */
  | { readonly kind: 'entry'; readonly entry: ListedEntry; readonly onTheWay: boolean }
  | { readonly kind: 'problem'; readonly problem: FileProblem };

/** Kinds of metadata that a far side may be unable to tell. A report names them, so that nobody learns of it at a restore. */
export type MissingMetadata =
  | 'extended-attributes'
  | 'access-control-lists'
  | 'access-times'
  | 'nanoseconds'
  /** Names of owners and groups; their numbers are there. */
  | 'account-names'
  | 'change-times'
  /** Which names are of one file: each has the content, and a restore makes a file of each. */
  | 'hard-links'
  | 'device-numbers';

const quietBits = { file: 0o100000, dir: 0o040000, symlink: 0o120000, dev: 0o060000, chardev: 0o020000, fifo: 0o010000, socket: 0o140000 };

/** What a Unix st_mode says the entry is. */
export function entryType(mode: number): EntryType {
  const bits = mode & 0o170000;
  for (const [type, value] of Object.entries(quietBits)) if (value === bits) return type as EntryType;
  return 'irregular';
}

/** Linux's encoding of a device number in 64 bits. */
export function deviceNumber(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn);
}
