import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type RandomSource, systemRandom, toHex } from '@holdfast/kernel';
import {
  type Body,
  type ByteRange,
  type CallOptions,
  checkFile,
  checkRange,
  describeFile,
  exactParts,
  type FileInfo,
  type FileRef,
  type FileType,
  fileNotFound,
  type LoadOptions,
  type Storage,
  type StorageProperties,
  shortRead,
} from '../port/index.ts';
import { ensureTree, syncDirectory } from './durable-directory.ts';
import { durableWrite } from './durable-write.ts';
import { ignoreErrno, isErrno } from './errno.ts';
import { type FileModes, fileModesOf } from './file-modes.ts';
import { listFiles } from './list-files.ts';
import { localError } from './local-error.ts';
import type { LocalFiles } from './local-files.ts';
import { NodeLocalFiles } from './node-local-files.ts';
import { readRange } from './read-range.ts';
import { RepositoryLayout } from './repository-layout.ts';

export interface LocalStorageOptions {
  /** The directory of the repository. */
  readonly path: string;
  /** Default 2, as in restic: more only fight for one disk. */
  readonly connections?: number;
  readonly files?: LocalFiles;
  readonly random?: RandomSource;
}

/** A repository in a directory of this machine, in restic's default layout and with restic's permissions. */
export class LocalStorage implements Storage {
  readonly properties: StorageProperties;
  readonly #layout: RepositoryLayout;
  readonly #files: LocalFiles;
  readonly #random: RandomSource;
  #modes: Promise<FileModes> | undefined;

  constructor(options: LocalStorageOptions) {
    const path = resolve(options.path);
    this.properties = { description: path, connections: options.connections ?? 2, atomicReplace: true, appendOnly: false };
    this.#layout = new RepositoryLayout(path);
    this.#files = options.files ?? new NodeLocalFiles();
    this.#random = options.random ?? systemRandom;
  }

  async create(options?: CallOptions): Promise<void> {
    options?.signal?.throwIfAborted();
    const { base, levels } = this.#layout;
    await this.#explain('Creating the repository directories', base, async () => {
      const { directory: mode } = await this.#fileModes();
      await ensureTree(this.#files, base, mode);
      for (const directories of levels) {
        options?.signal?.throwIfAborted();
        await Promise.all(directories.map((path) => this.#files.makeDirectory(path, mode).catch(ignoreErrno('EEXIST'))));
        for (const parent of new Set(directories.map((path) => dirname(path)))) await syncDirectory(this.#files, parent);
      }
    });
  }

  async save(file: FileRef, body: Body, options?: CallOptions): Promise<void> {
    checkFile(file);
    options?.signal?.throwIfAborted();
    const path = this.#layout.pathOf(file);
    await durableWrite(this.#files, {
      path,
      temporaryPath: `${path}-tmp-${toHex(this.#random.bytes(8))}`,
      parts: exactParts(file, body, options?.signal),
      sizeBytes: body.sizeBytes,
      modes: await this.#fileModes(),
      missingDirectories: this.#layout.directoriesAbove(file),
      explain: (error) => localError(error, `Saving ${describeFile(file)}`, path),
      signal: options?.signal,
    });
  }

  async load(file: FileRef, range?: ByteRange, options?: LoadOptions): Promise<Uint8Array> {
    checkRange(range);
    const found = await this.#look('Loading', file, options, (path) => readRange(path, range, options));
    if (found instanceof Uint8Array) return found;
    throw shortRead(file, this.properties.description, found.range, found.endsAtBytes);
  }

  async stat(file: FileRef, options?: CallOptions): Promise<FileInfo> {
    const found = await this.#look('Looking for', file, options, (path) => stat(path));
    return { type: file.type, name: file.name, sizeBytes: found.size };
  }

  async *list(type: FileType, options?: CallOptions): AsyncGenerator<FileInfo, void, undefined> {
    options?.signal?.throwIfAborted();
    try {
      for await (const infos of listFiles(this.#layout, type)) {
        for (const info of infos) {
          options?.signal?.throwIfAborted();
          yield info;
        }
      }
    } catch (error) {
      throw localError(error, `Listing the ${type} files`, this.#layout.base);
    }
  }

  async remove(file: FileRef, options?: CallOptions): Promise<void> {
    await this.#look('Removing', file, options, async (path) => {
      await this.#files.remove(path);
      if (file.type !== 'data') await syncDirectory(this.#files, this.#layout.directoryOf(file));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Every call closes what it opened.
  }

  /** Looked up once, like restic does when it opens a repository. */
  #fileModes(): Promise<FileModes> {
    this.#modes ??= fileModesOf(this.#layout.configPath);
    return this.#modes;
  }

  /** Runs a call on a file that ought to exist. */
  async #look<T>(doing: string, file: FileRef, options: CallOptions | undefined, work: (path: string) => Promise<T>): Promise<T> {
    checkFile(file);
    options?.signal?.throwIfAborted();
    const path = this.#layout.pathOf(file);
    return await this.#explain(`${doing} ${describeFile(file)}`, path, async () => {
      try {
        return await work(path);
      } catch (error) {
        throw isErrno(error, 'ENOENT') ? fileNotFound(file, this.properties.description, error) : error;
      }
    });
  }

  async #explain<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw localError(error, doing, path);
    }
  }
}
