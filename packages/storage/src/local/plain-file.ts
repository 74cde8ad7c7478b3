import type { FileHandle } from 'node:fs/promises';
import type { LocalFile } from './local-files.ts';

/** A file written through the system's page cache. */
export class PlainFile implements LocalFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    let rest = parts;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest);
      rest = behind(rest, bytesWritten);
    }
  }

  /** Writes all of the bytes at the position. Where `append` writes does not change. */
  async writeAt(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.byteLength; ) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.byteLength - done, position + done);
      done += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.#handle.sync();
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
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
