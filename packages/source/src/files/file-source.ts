import { archiveOf } from '@holdfast/connect/docker';
import type { Host } from '@holdfast/connect/port';
import { sftpOf } from '@holdfast/connect/ssh';
import { CodedError } from '@holdfast/kernel';
import { archiveFiles } from './archive-files.ts';
import { type FarTools, findFarTools } from './far-tools.ts';
import type { AccessOptions, FileAccess, ListOptions } from './file-access.ts';
import type { DirectoryTag } from './find-tagged.ts';
import type { ListedEntry, ListedItem, MissingMetadata } from './listed-entry.ts';
import type { DeliveredItem } from './read-files.ts';
import { sftpFiles } from './sftp-files.ts';
import { toolFiles } from './tool-files.ts';

export interface FileSourceOptions extends AccessOptions {
  /**
   * How long a host that has SFTP may take for a command that finds out what it has: one that has nothing but SFTP may take it for the beginning
   * of a session, and wait. Default 30 s.
   */
  readonly firstCommandMs?: number | undefined;
}

/** How the files of a host are read: with the programs there, by SFTP, or by the archive calls of a container engine. */
export type FileWay = 'tools' | 'sftp' | 'archive';

/** What a host without a shell, or a container that does not run, makes of a command. */
const noCommands: ReadonlySet<string> = new Set(['tool-missing', 'container-not-running', 'connection-lost', 'command-timeout']);

/**
 * The files of a host, read with what is there: what the engine's `backup` takes as `entries`. Listing and contents throw
 * `source-incomplete` (or what befell the chain) unless they are proven to be whole.
 */
export class FileSource {
  readonly way: FileWay;
  /** Of a host that is read with its programs. */
  readonly tools: FarTools | undefined;
  readonly #access: FileAccess;

  private constructor(way: FileWay, access: FileAccess, tools?: FarTools) {
    this.way = way;
    this.tools = tools;
    this.#access = access;
  }

  /**
   * Finds out what the host has: its programs are the best way, and where it runs none there is SFTP, or a container's engine. `tool-missing` if
   * nothing is enough. The host stays the caller's.
   */
  static async open(host: Host, options: FileSourceOptions = {}): Promise<FileSource> {
    const [sftp, archive] = [sftpOf(host), archiveOf(host)];
    try {
      const timeoutMs = sftp === undefined ? undefined : (options.firstCommandMs ?? 30_000);
      return FileSource.using(host, await findFarTools(host, { signal: options.signal, timeoutMs }));
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!CodedError.is(error) || !noCommands.has(error.code)) throw error;
      if (archive !== undefined) return new FileSource('archive', archiveFiles(archive, host.description));
      if (sftp === undefined) throw error;
      return new FileSource('sftp', await sftpFiles(sftp, host.description, options).catch(() => Promise.reject(error)));
    }
  }

  /** The same where it is known what programs the host has. */
  static using(host: Host, tools: FarTools): FileSource {
    return new FileSource('tools', toolFiles(host, tools), tools);
  }

  /** What snapshots of this source will not have of their entries; for the report. */
  get missingMetadata(): readonly MissingMetadata[] {
    return this.#access.missingMetadata;
  }

  list(targets: readonly Uint8Array[], options: ListOptions): AsyncIterable<ListedItem> {
    return this.#access.list(targets, options);
  }

  read(files: readonly ListedEntry[], options: AccessOptions): AsyncIterable<DeliveredItem> {
    return this.#access.read(files, options);
  }

  findTagged(targets: readonly Uint8Array[], tag: DirectoryTag, options: ListOptions): AsyncIterable<Uint8Array> {
    return this.#access.findTagged(targets, tag, options);
  }
}
