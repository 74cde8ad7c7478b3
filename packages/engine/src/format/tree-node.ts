/** What an entry of a directory is. `irregular` is only ever read: writers report such entries as problems. */
export type NodeType = 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket' | 'irregular';

export const nodeTypes: readonly NodeType[] = ['file', 'dir', 'symlink', 'dev', 'chardev', 'fifo', 'socket', 'irregular'];

export interface ExtendedAttribute {
  /** Raw bytes, the whole name with its namespace (`user.comment`). */
  readonly name: Uint8Array;
  readonly value: Uint8Array;
}

/** One entry of a tree blob: all that is kept of a file, directory or other object besides its content. */
export interface TreeNode {
  /** Raw bytes: names are not text. */
  readonly name: Uint8Array;
  readonly type: NodeType;
  /** Go's FileMode: permission bits as in Unix, type and special bits from the top (see go-mode.ts). */
  readonly mode: number;
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  readonly mtimeNs: bigint;
  readonly atimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly uid: number;
  readonly gid: number;
  /** Empty when the ID had no name. */
  readonly user: string;
  readonly group: string;
  readonly inode: bigint;
  readonly deviceId: bigint;
  readonly sizeBytes: number;
  /** 0 for types that carry none. */
  readonly links: number;
  /** Raw bytes of a symbolic link's target. */
  readonly linkTarget: Uint8Array | undefined;
  readonly extendedAttributes: readonly ExtendedAttribute[];
  /** JSON text of attributes that only other systems know (Windows), kept as it is. */
  readonly genericAttributes: string | undefined;
  /** Device number of block and character devices. */
  readonly device: bigint;
  /** Data blob IDs of a file's content, in order; null for everything that is no file. */
  readonly content: readonly string[] | null;
  /** Tree blob ID of a directory. */
  readonly subtree: string | undefined;
  readonly error: string | undefined;
}
