import { constants, type FileHandle, open } from 'node:fs/promises';
import { isErrno } from './errno.ts';
import type { LocalFile } from './local-files.ts';
import type { PlainFile } from './plain-file.ts';

/** Blocks of every usual disk divide it, and so do pages of memory. */
const alignmentBytes = 4096;
const bufferBytes = 1 << 20;
const wasmPageBytes = 65536;

/** Memory that begins at a page, as writing around the cache requires: an ordinary buffer begins anywhere, WebAssembly's never does. */
export class AlignedBuffers {
  readonly #spare: Uint8Array[] = [];

  take(): Uint8Array {
    const pages = bufferBytes / wasmPageBytes;
    return this.#spare.pop() ?? new Uint8Array(new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer);
  }

  give(buffer: Uint8Array): void {
    this.#spare.push(buffer);
  }
}

/**
 * A file whose whole blocks are written around the system's page cache (O_DIRECT), where the file system can. What is stored is not read
 * again soon: through the cache it would cost the processor several times as much, and push out what the applications of the machine
 * have there. The rest behind the last whole block goes through the cache. Nothing is complete before `sync`.
 */
export class UncachedFile implements LocalFile {
  readonly #plain: PlainFile;
  readonly #buffers: AlignedBuffers;
  readonly #buffer: Uint8Array;
  /** Undefined when the file system turned out to want something else. */
  #direct: FileHandle | undefined;
  #position = 0;
  #filled = 0;

  private constructor(plain: PlainFile, direct: FileHandle, buffers: AlignedBuffers) {
    this.#plain = plain;
    this.#direct = direct;
    this.#buffers = buffers;
    this.#buffer = buffers.take();
  }

  /** Opens the file, which `plain` has just created, a second time; or is `plain` where there is no way around the cache. */
  static async beside(plain: PlainFile, path: string, buffers: AlignedBuffers): Promise<LocalFile> {
    const direct = constants.O_DIRECT as number | undefined;
    if (direct === undefined) return plain;
    try {
      return new UncachedFile(plain, await open(path, constants.O_WRONLY | direct), buffers);
    } catch (error) {
      if (isErrno(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')) return plain;
      await plain.close();
      throw error;
    }
  }

  async append(parts: readonly Uint8Array[]): Promise<void> {
    for (const part of parts) {
      for (let taken = 0; taken < part.byteLength; ) {
        const piece = part.subarray(taken, taken + this.#buffer.byteLength - this.#filled);
        this.#buffer.set(piece, this.#filled);
        this.#filled += piece.byteLength;
        taken += piece.byteLength;
        if (this.#filled === this.#buffer.byteLength) await this.#flush();
      }
    }
  }

  async sync(): Promise<void> {
    await this.#flush();
    await this.#plain.sync();
  }

  async close(): Promise<void> {
    this.#buffers.give(this.#buffer);
    await Promise.all([this.#direct?.close(), this.#plain.close()]);
  }

  async #flush(): Promise<void> {
    let done = 0;
    const wholeBytes = this.#filled - (this.#filled % alignmentBytes);
    if (wholeBytes > 0) done = await this.#writeBlocks(this.#buffer.subarray(0, wholeBytes));
    // What a full disk or a stricter file system left over; the plain way ends it or says what is wrong.
    if (done < this.#filled) await this.#plain.writeAt(this.#buffer.subarray(done, this.#filled), this.#position + done);
    this.#position += this.#filled;
    this.#filled = 0;
  }

  async #writeBlocks(blocks: Uint8Array): Promise<number> {
    if (this.#direct === undefined || this.#position % alignmentBytes !== 0) return 0;
    try {
      return (await this.#direct.write(blocks, 0, blocks.byteLength, this.#position)).bytesWritten;
    } catch (error) {
      if (!isErrno(error, 'EINVAL')) throw error;
      await this.#direct.close();
      this.#direct = undefined;
      return 0;
    }
  }
}
