import type { Host } from '@holdfast/connect/port';
import { type FarTools, findFarTools } from './far-tools.ts';
import { findTagged } from './find-tagged.ts';
import { listFiles } from './list-files.ts';
import type { ListedEntry, ListedItem, MissingMetadata } from './listed-entry.ts';
import { type DeliveredItem, readFiles } from './read-files.ts';

export interface FileSourceOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * The files of a host, read with the programs that are there: what the engine's `backup` takes as `entries`. Both of its streams throw
 * `source-incomplete` unless they are proven to be whole.
 */
export class FileSource {
  readonly #host: Host;
  readonly tools: FarTools;

  private constructor(host: Host, tools: FarTools) {
    this.#host = host;
    this.tools = tools;
  }

  /** Finds out what the host has. `tool-missing` if that is not enough. The host stays the caller's. */
  static async open(host: Host, options: FileSourceOptions = {}): Promise<FileSource> {
    return new FileSource(host, await findFarTools(host, options));
  }

  /** The same where it is known what the host has. */
  static using(host: Host, tools: FarTools): FileSource {
    return new FileSource(host, tools);
  }

  /** What snapshots of this source will not have of their entries; for the report. */
  get missingMetadata(): readonly MissingMetadata[] {
    return this.tools.missingMetadata;
  }

  list(
    targets: readonly Uint8Array[],
    options: { readonly oneFileSystem: boolean; readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<ListedItem> {
    return listFiles(this.#host, targets, { kind: this.tools.listing, gzip: this.tools.gzip, ...options });
  }

  read(files: readonly ListedEntry[], options: FileSourceOptions): AsyncIterable<DeliveredItem> {
    return readFiles(this.#host, files, { packing: this.tools.packing, ...options });
  }

  findTagged(
    targets: readonly Uint8Array[],
    tag: { readonly name: Uint8Array; readonly header: Uint8Array },
    options: { readonly oneFileSystem: boolean; readonly signal?: AbortSignal | undefined },
  ): AsyncIterable<Uint8Array> {
    return findTagged(this.#host, targets, tag, options);
  }
}
