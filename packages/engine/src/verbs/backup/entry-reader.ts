import { type BigIntStats, constants, fstatSync, lstatSync, openSync, readlinkSync } from 'node:fs';
import { CodedError } from '@holdfast/kernel';
import { goModeFromUnix } from '../../format/go-mode.ts';
import type { NodeType, TreeNode } from '../../format/tree-node.ts';
import type { AccountNames } from '../../posix/account-names.ts';
import { listExtendedAttributes } from '../../posix/extended-attributes.ts';
import type { FileIdentity, ItemProblem } from './backup-job.ts';

/** Opens without following a link, without waiting at a FIFO and, where allowed, without touching the access time. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const openFlagsNoAtime = openFlags | (constants.O_NOATIME ?? 0);

/** Reads what the file system says of one entry, in restic's terms. Throws a CodedError that an ItemProblem can carry. */
export class EntryReader {
  readonly #names: AccountNames;
  readonly #withAtime: boolean;

  constructor(names: AccountNames, withAtime: boolean) {
    this.#names = names;
    this.#withAtime = withAtime;
  }

  stat(path: Buffer): BigIntStats {
    return asSource(path, () => lstatSync(path, { bigint: true }));
  }

  /** The node of the entry, without content or subtree. Metadata that cannot be read are left out and told to `onProblem`. */
  node(path: Buffer, name: Uint8Array, stat: BigIntStats, onProblem: (problem: ItemProblem) => void): TreeNode {
    const type = nodeType(stat);
    const isDevice = type === 'dev' || type === 'chardev';
    const mtimeNs = stat.mtimeNs;
    return {
      name,
      type,
      mode: goModeFromUnix(Number(stat.mode)),
      mtimeNs,
      atimeNs: this.#withAtime ? stat.atimeNs : mtimeNs,
      ctimeNs: stat.ctimeNs,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      user: this.#names.userName(Number(stat.uid)) ?? '',
      group: this.#names.groupName(Number(stat.gid)) ?? '',
      inode: stat.ino,
      deviceId: stat.dev,
      sizeBytes: 0,
      links: type === 'dir' || type === 'fifo' || type === 'socket' ? 0 : Number(stat.nlink),
      linkTarget: type === 'symlink' ? readLink(path) : undefined,
      extendedAttributes: this.#attributes(path, onProblem),
      genericAttributes: undefined,
      device: isDevice ? stat.rdev : 0n,
      content: null,
      subtree: undefined,
      error: undefined,
    };
  }

  #attributes(path: Buffer, onProblem: (problem: ItemProblem) => void): TreeNode['extendedAttributes'] {
    try {
      return listExtendedAttributes(path);
    } catch (cause) {
      onProblem({ path, kind: 'metadata', error: sourceError(path, cause) });
      return [];
    }
  }
}

/** Opens a regular file for reading. The caller closes it. */
export function openForReading(path: Buffer): number {
  try {
    return openSync(path, openFlagsNoAtime);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EPERM') throw sourceError(path, cause);
  }
  return asSource(path, () => openSync(path, openFlags)); // only the owner may read without touching the access time
}

/** Tells whether a file that was open is still what it was when it was listed; a `changed` problem if not. */
export function changeWhileReading(path: Buffer, before: FileIdentity, fd: number, sizeBytes: number): ItemProblem | undefined {
  const after = fstatSync(fd, { bigint: true });
  if (after.ino !== before.ino || after.dev !== before.dev || !after.isFile()) throw replaced(path);
  if (after.mtimeNs === before.mtimeNs && after.ctimeNs === before.ctimeNs && after.size === BigInt(sizeBytes)) return undefined;
  if (after.size === BigInt(sizeBytes) && after.mtimeNs === before.mtimeNs) return undefined; // only its metadata changed
  return {
    path,
    kind: 'changed',
    error: new CodedError({
      code: 'source-unreadable',
      message: `${JSON.stringify(path.toString())} changed while it was read; what was read is stored`,
      hint: 'Its content may mix states. Back up from a file-system snapshot, or use a driver made for that application.',
    }),
  };
}

/** Runs `read`; what the system refuses becomes the error of that entry, everything else stays what it is. */
export function asSource<T>(path: Buffer, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) throw sourceError(path, cause);
    throw cause;
  }
}

/** The error of an entry that cannot be read, and whether it simply is no longer there. */
export function sourceError(path: Buffer, cause: unknown): CodedError {
  if (cause instanceof CodedError && cause.code === 'source-unreadable') return cause;
  const errno = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  return new CodedError({
    code: 'source-unreadable',
    message: `${JSON.stringify(path.toString())} cannot be read: ${errno}`,
    hint: errno === 'EACCES' || errno === 'EPERM' ? 'Run the backup as a user who may read it, or exclude it.' : 'See whether it still exists and its disk is well, or exclude it.',
    context: { errno },
    cause,
  });
}

/** The problem that `error` is for the entry at `path`. */
export function problemOf(path: Buffer, error: unknown): ItemProblem {
  if (!(error instanceof CodedError) || error.code !== 'source-unreadable') throw error;
  const gone = error.context['errno'] === 'ENOENT';
  return { path, kind: gone ? 'vanished' : 'unreadable', error };
}

function replaced(path: Buffer): CodedError {
  return new CodedError({
    code: 'source-unreadable',
    message: `${JSON.stringify(path.toString())} was replaced by something else while it was backed up`,
    hint: 'The next run will take it as it is then.',
    context: { errno: 'ESTALE' },
  });
}

function readLink(path: Buffer): Uint8Array {
  return asSource(path, () => readlinkSync(path, { encoding: 'buffer' }));
}

function nodeType(stat: BigIntStats): NodeType {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isBlockDevice()) return 'dev';
  if (stat.isCharacterDevice()) return 'chardev';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isSocket()) return 'socket';
  return 'irregular';
}
