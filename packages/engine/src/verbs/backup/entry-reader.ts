import { constants, openSync, readlinkSync } from 'node:fs';
import { CodedError } from '@holdfast/kernel';
import { metadataTemplate, type NodeTemplate } from '../../format/encode-node.ts';
import { FileNodeMatcher } from '../../format/file-node-matcher.ts';
import { goModeFromUnix } from '../../format/go-mode.ts';
import type { LocalTimeFormatter } from '../../format/go-time.ts';
import type { NodeType, TreeNode } from '../../format/tree-node.ts';
import type { AccountNames } from '../../posix/account-names.ts';
import { listExtendedAttributes, mayHaveExtendedAttributes } from '../../posix/extended-attributes.ts';
import { type FileStat, StatReader } from '../../posix/file-stat.ts';
import type { FileIdentity, ItemProblem } from './backup-job.ts';
import type { EntryPath } from './entry-path.ts';

/** Opens without following a link, without waiting at a FIFO and, where allowed, without touching the access time. */
const openFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const openFlagsNoAtime = openFlags | (constants.O_NOATIME ?? 0);

/** Reads what the file system says of one entry, in restic's terms. Throws a CodedError that an ItemProblem can carry. One for each thread. */
export class EntryReader {
  readonly #names: AccountNames;
  readonly #times: LocalTimeFormatter;
  readonly #withAtime: boolean;
  readonly #stats = new StatReader();
  /** Recognises files that have the same metadata. */
  readonly matcher: FileNodeMatcher;

  constructor(names: AccountNames, times: LocalTimeFormatter, withAtime: boolean) {
    this.#names = names;
    this.#times = times;
    this.#withAtime = withAtime;
    this.matcher = new FileNodeMatcher(times, names, withAtime);
  }

  /** Of the entry at a path that ends in a NUL. */
  stat(cPath: Buffer): FileStat {
    try {
      return this.#stats.path(cPath);
    } catch (cause) {
      throw sourceError(cPath.subarray(0, -1), cause);
    }
  }

  /** The entry's metadata as JSON, with these extended attributes. */
  template(entry: EntryPath, name: Uint8Array, stat: FileStat, extendedAttributes: TreeNode['extendedAttributes']): NodeTemplate {
    const type = nodeType(stat.mode);
    const mtime = this.#times.formatParts(stat.mtimeSeconds, stat.mtimeNanos);
    return metadataTemplate({
      name,
      type,
      mode: goModeFromUnix(stat.mode),
      mtime,
      atime: this.#withAtime ? this.#times.formatParts(stat.atimeSeconds, stat.atimeNanos) : mtime,
      ctime: this.#times.formatParts(stat.ctimeSeconds, stat.ctimeNanos),
      uid: stat.uid,
      gid: stat.gid,
      user: this.#names.userName(stat.uid) ?? '',
      group: this.#names.groupName(stat.gid) ?? '',
      inode: stat.inode,
      deviceId: stat.deviceId,
      links: type === 'dir' || type === 'fifo' ? 0 : stat.links,
      linkTarget: type === 'symlink' ? asSource(entry.path, () => readlinkSync(entry.path, { encoding: 'buffer' })) : undefined,
      extendedAttributes,
      genericAttributes: undefined,
      device: stat.device,
    });
  }

  /** `bare`, with the attributes that the entry has, if any. What cannot be read of them is left out and told to `onProblem`. */
  withAttributes(
    bare: NodeTemplate,
    entry: EntryPath,
    name: Uint8Array,
    stat: FileStat,
    onProblem: (problem: ItemProblem) => void,
  ): NodeTemplate {
    if (!mayHaveExtendedAttributes(entry.cPath)) return bare;
    let attributes: TreeNode['extendedAttributes'];
    try {
      attributes = listExtendedAttributes(entry.path);
    } catch (cause) {
      onProblem({ path: entry.path, kind: 'metadata', error: sourceError(entry.path, cause) });
      return bare;
    }
    return attributes.length === 0 ? bare : this.template(entry, name, stat, attributes);
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
  const after = asSource(path, () => new StatReader().file(fd));
  if (after.inode !== before.inode || after.deviceId !== before.deviceId || nodeType(after.mode) !== 'file') throw replaced(path);
  // A later change time alone means that metadata changed, not the content.
  const isSame = after.mtimeSeconds === before.mtimeSeconds && after.mtimeNanos === before.mtimeNanos && after.sizeBytes === sizeBytes;
  if (isSame) return undefined;
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
    hint:
      errno === 'EACCES' || errno === 'EPERM'
        ? 'Run the backup as a user who may read it, or exclude it.'
        : 'See whether it still exists and its disk is well, or exclude it.',
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

/** What a Unix st_mode says the entry is. */
export function nodeType(mode: number): NodeType {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFDIR:
      return 'dir';
    case constants.S_IFLNK:
      return 'symlink';
    case constants.S_IFBLK:
      return 'dev';
    case constants.S_IFCHR:
      return 'chardev';
    case constants.S_IFIFO:
      return 'fifo';
    case constants.S_IFSOCK:
      return 'socket';
    default:
      return 'irregular';
  }
}
