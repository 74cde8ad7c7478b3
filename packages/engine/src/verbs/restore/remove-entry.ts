import { type CString, cString } from '../../posix/c-string.ts';
import { listNames } from '../../posix/descriptor-path.ts';
import { openAt, removeDirectoryAt, unlinkAt } from '../../posix/directory-calls.ts';
import { closeFile } from '../../posix/file-calls.ts';
import { openFlags } from '../../posix/open-flags.ts';
import { checked, systemError } from '../../posix/system-error.ts';

const slash = Buffer.from('/');

/** Removes the entry, or the empty directory, of that name, if there is one. Throws `ENOTEMPTY` for a directory with something in it. */
export function clearWay(directory: number, name: CString): void {
  const unlinked = unlinkAt(directory, name);
  if (unlinked === 0) return;
  const { code } = systemError(unlinked, 'unlink');
  if (code === 'ENOENT') return;
  if (code !== 'EISDIR' && code !== 'EPERM') checked(unlinked, 'unlink');
  const removed = removeDirectoryAt(directory, name);
  if (removed < 0 && systemError(removed, 'rmdir').code === 'ENOTDIR') checked(unlinked, 'unlink');
  checked(removed, 'rmdir');
}

/**
 * Removes the entry of that name with everything in it, without following a symbolic link. `onRemoved` hears each path (from `name` on)
 * after it is gone, a directory after what was in it. With `dryRun` it only hears what would go.
 */
export function removeEntry(
  directory: number,
  name: Uint8Array,
  dryRun: boolean,
  onRemoved: (path: Buffer) => void,
  path = Buffer.from(name),
): void {
  const inner = openAt(directory, cString(name), openFlags.directory);
  if (inner >= 0) {
    try {
      for (const each of listNames(inner)) removeEntry(inner, each, dryRun, onRemoved, Buffer.concat([path, slash, each]));
    } finally {
      closeFile(inner);
    }
    if (!dryRun) checked(removeDirectoryAt(directory, cString(name)), 'rmdir');
  } else {
    const { code } = systemError(inner, 'open directory');
    if (code !== 'ENOTDIR' && code !== 'ELOOP' && code !== 'EMLINK') checked(inner, 'open directory');
    if (!dryRun) checked(unlinkAt(directory, cString(name)), 'unlink');
  }
  onRemoved(path);
}
