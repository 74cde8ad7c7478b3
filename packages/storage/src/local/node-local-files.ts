import { chmod, mkdir, open, rename, unlink } from 'node:fs/promises';
import { ignoreErrno } from './errno.ts';
import type { LocalFile, LocalFiles } from './local-files.ts';
import { PlainFile } from './plain-file.ts';
import { AlignedBuffers, UncachedFile } from './uncached-file.ts';

/** Below it, the cache costs less than going around it. */
const uncachedFromBytes = 1 << 20;

/** The file system of this machine. On Windows directories cannot be synced and the read-only mark is left alone, as restic does. */
export class NodeLocalFiles implements LocalFiles {
  readonly #buffers = new AlignedBuffers();

  async makeDirectory(path: string, mode: number): Promise<void> {
    await mkdir(path, { mode });
  }

  async createFile(path: string, mode: number, sizeBytes: number): Promise<LocalFile> {
    const file = new PlainFile(await open(path, 'wx', mode));
    return sizeBytes < uncachedFromBytes ? file : await UncachedFile.beside(file, path, this.#buffers);
  }

  rename(from: string, to: string): Promise<void> {
    return rename(from, to);
  }

  async remove(path: string): Promise<void> {
    // A read-only file, from whatever origin, cannot be deleted on Windows.
    if (process.platform === 'win32') await chmod(path, 0o666).catch(ignoreErrno('EPERM', 'EACCES'));
    await unlink(path);
  }

  async setMode(path: string, mode: number): Promise<void> {
    if (process.platform !== 'win32') await chmod(path, mode);
  }

  async syncDirectory(path: string): Promise<void> {
    if (process.platform === 'win32') return;
    await using directory = await open(path, 'r');
    await directory.sync();
  }
}
