import { dirname } from 'node:path';
import { ignoreErrno, isErrno } from './errno.ts';
import type { LocalFiles } from './local-files.ts';

/** Makes the names in a directory durable where the file system can: some cannot, and say so by one of these codes. */
export async function syncDirectory(files: LocalFiles, path: string): Promise<void> {
  await syncIfPossible(() => files.syncDirectory(path), ['ENOTSUP', 'EINVAL', 'ENOENT']);
}

/** Whether the sync was done; false where the file system has none. macOS says ENOTTY for that on exFAT (restic#4016). */
export async function syncIfPossible(sync: () => Promise<void>, unsupported: readonly string[]): Promise<boolean> {
  try {
    await sync();
    return true;
  } catch (error) {
    if (isErrno(error, ...unsupported) || (process.platform === 'darwin' && isErrno(error, 'ENOTTY'))) return false;
    throw error;
  }
}

/** Makes a directory, durably. One that exists may be new and another's, not synced yet, so its name is synced all the same. */
export async function ensureDirectory(files: LocalFiles, path: string, mode: number): Promise<void> {
  await files.makeDirectory(path, mode).catch(ignoreErrno('EEXIST'));
  await syncDirectory(files, dirname(path));
}

/** Makes a directory and what is missing above it, durably. Leaves alone what exists: its parents may be closed to this account. */
export async function ensureTree(files: LocalFiles, path: string, mode: number): Promise<void> {
  try {
    await files.makeDirectory(path, mode);
    await syncDirectory(files, dirname(path));
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return;
    if (!isErrno(error, 'ENOENT') || dirname(path) === path) throw error;
    await ensureTree(files, dirname(path), mode);
    await ensureDirectory(files, path, mode);
  }
}
