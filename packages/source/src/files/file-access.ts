import type { DirectoryTag } from './find-tagged.ts';
import type { ListedEntry, ListedItem, MissingMetadata } from './listed-entry.ts';
import type { DeliveredItem } from './read-files.ts';

export interface AccessOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends AccessOptions {
  readonly oneFileSystem: boolean;
}

/** One way to read the files of a host. What each of the verbs promises, `listFiles`, `readFiles` and `findTagged` say. */
export interface FileAccess {
  readonly missingMetadata: readonly MissingMetadata[];
  list(targets: readonly Uint8Array[], options: ListOptions): AsyncIterable<ListedItem>;
  read(files: readonly ListedEntry[], options: AccessOptions): AsyncIterable<DeliveredItem>;
  findTagged(targets: readonly Uint8Array[], tag: DirectoryTag, options: ListOptions): AsyncIterable<Uint8Array>;
}
