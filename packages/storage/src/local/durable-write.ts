import { dirname } from 'node:path';
import { ensureDirectory, syncDirectory, syncIfPossible } from './durable-directory.ts';
import { ignoreErrno, isErrno } from './errno.ts';
import { type FileModes, unfinishedFileMode } from './file-modes.ts';
import type { LocalFile, LocalFiles } from './local-files.ts';

/** Enough for a whole pack of the default size in one call, and a bound on what a body of small parts keeps in memory. */
const gatherBytes = 16 << 20;
/** The least any system promises is 1024 (IOV_MAX on Linux and macOS). */
const gatherParts = 1024;

export interface DurableWrite {
  /** The final path. */
  readonly path: string;
  /** In the same directory, and of no other write. */
  readonly temporaryPath: string;
  /** What is written, checked for its size. Its errors are passed on. */
  readonly parts: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  readonly modes: FileModes;
  /** Directories that may be made when they are missing, outermost first. */
  readonly missingDirectories: readonly string[];
  /** Turns an error of the file system into the caller's. */
  readonly explain: (error: unknown) => unknown;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a file so that after a power cut at any moment there is either the whole file or what was there before, and after it has returned
 * only the whole file: write to a temporary name, sync the file, rename, sync the directory. On failure the temporary file is removed; a
 * failure after the rename leaves the whole file in place, of which only the durability is in doubt.
 */
export async function durableWrite(files: LocalFiles, write: DurableWrite): Promise<void> {
  const file = await explained(write, create(files, write));
  let renamed = false;
  try {
    const synced = await fill(file, write);
    write.signal?.throwIfAborted();
    await explained(write, files.rename(write.temporaryPath, write.path));
    renamed = true;
    if (synced) await explained(write, syncDirectory(files, dirname(write.path)));
    // Against accidents only, so a file system that has no modes is no failure.
    const setMode = files.setMode(write.path, write.modes.file);
    await explained(write, setMode.catch(ignoreErrno('EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')));
  } catch (error) {
    // The first failure is the one to report, whatever comes of the cleaning up.
    if (!renamed) await Promise.allSettled([files.remove(write.temporaryPath)]);
    throw error;
  }
}

async function create(files: LocalFiles, write: DurableWrite): Promise<LocalFile> {
  try {
    return await files.createFile(write.temporaryPath, unfinishedFileMode, write.sizeBytes);
  } catch (error) {
    if (!isErrno(error, 'ENOENT') || write.missingDirectories.length === 0) throw error;
  }
  for (const directory of write.missingDirectories) await ensureDirectory(files, directory, write.modes.directory);
  return await files.createFile(write.temporaryPath, unfinishedFileMode, write.sizeBytes);
}

/** Writes, syncs and closes the file. Whether it could be synced. */
async function fill(file: LocalFile, write: DurableWrite): Promise<boolean> {
  let synced: boolean;
  try {
    await appendAll(file, write);
    synced = await explained(
      write,
      syncIfPossible(() => file.sync(), ['ENOTSUP']),
    );
  } catch (error) {
    await Promise.allSettled([file.close()]);
    throw error;
  }
  await explained(write, file.close());
  return synced;
}

async function appendAll(file: LocalFile, write: DurableWrite): Promise<void> {
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    if (gathered.length === 0) return;
    await explained(write, file.append(gathered));
    gathered = [];
    bytes = 0;
  };
  for await (const part of write.parts) {
    if (part.byteLength === 0) continue;
    gathered.push(part);
    bytes += part.byteLength;
    if (bytes >= gatherBytes || gathered.length >= gatherParts) await flush();
  }
  await flush();
}

async function explained<T>(write: DurableWrite, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw write.explain(error);
  }
}
