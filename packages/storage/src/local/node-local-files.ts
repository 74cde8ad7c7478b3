import { chmod, type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises';
import { ignoreErrno } from './errno.ts';
import type { LocalFile, LocalFiles } from './local-files.ts';

/** The file system of this machine. On Windows directories cannot be synced and the read-only mark is left alone, as restic does. */
export const nodeLocalFiles: LocalFiles = {
  makeDirectory: (path, mode) => mkdir(path, { mode }).then(() => undefined),
  createFile: async (path, mode) => appendingFile(await open(path, 'wx', mode)),
  rename,
  remove: async (path) => {
    // A read-only file, from whatever origin, cannot be deleted on Windows.
    if (process.platform === 'win32') await chmod(path, 0o666).catch(ignoreErrno('EPERM', 'EACCES'));
    await unlink(path);
  },
  setMode: async (path, mode) => {
    if (process.platform !== 'win32') await chmod(path, mode);
  },
  syncDirectory: async (path) => {
    if (process.platform === 'win32') return;
    await using directory = await open(path, 'r');
    await directory.sync();
  },
};

function appendingFile(handle: FileHandle): LocalFile {
  return {
    append: async (parts) => {
      let rest = parts;
      while (rest.length > 0) {
        const { bytesWritten } = await handle.writev(rest);
        rest = behind(rest, bytesWritten);
      }
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** What is left of the parts after so many bytes. A system call may write less than it is given, at 2 GiB or on a disk that fills up. */
function behind(parts: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skip = bytes;
  for (const [index, part] of parts.entries()) {
    if (skip < part.byteLength) return [part.subarray(skip), ...parts.slice(index + 1)];
    skip -= part.byteLength;
  }
  return [];
}
