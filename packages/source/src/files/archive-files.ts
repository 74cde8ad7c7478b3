import type { ContainerArchive } from '@holdfast/connect/docker';
import { CodedError } from '@holdfast/kernel';
import { archiveEntries, isTaggedBy } from './archive-entries.ts';
import type { FileAccess } from './file-access.ts';
import { directoriesOnTheWay } from './list-files.ts';
import type { ListedItem, MissingMetadata } from './listed-entry.ts';
import { readFromArchive } from './read-from-archive.ts';

/** The archives of an engine have whole seconds, numbers of accounts, and no more than one time. */
const missingMetadata: readonly MissingMetadata[] = [
  'extended-attributes',
  'access-control-lists',
  'access-times',
  'nanoseconds',
  'account-names',
  'change-times',
  'hard-links',
];

/**
 * The files of a container by its engine's archive calls: one that is stopped, or has no shell. There is no listing without contents, so that
 * every run carries the whole of its targets; a file counts as unchanged by its size and its time in whole seconds. Engines leave out what they
 * cannot read, without a word.
 */
export function archiveFiles(archive: ContainerArchive, place: string): FileAccess {
  let listed: readonly Uint8Array[] = [];
  return {
    missingMetadata,
    async *list(targets, { oneFileSystem, signal }): AsyncGenerator<ListedItem, void, undefined> {
      if (oneFileSystem) throw noFileSystems(place);
      listed = targets;
      for (const path of directoriesOnTheWay(targets)) {
        for await (const item of archiveEntries(archive, path, { signal })) {
          yield item.kind === 'entry' ? { ...item, onTheWay: true } : item;
          break; // the archive of a directory begins with it
        }
      }
      for (const target of targets) yield* archiveEntries(archive, target, { signal });
    },
    read: (files, options) => readFromArchive(archive, files, { targets: listed, ...options }),
    async *findTagged(targets, tag, { oneFileSystem, signal }): AsyncGenerator<Uint8Array, void, undefined> {
      if (oneFileSystem) throw noFileSystems(place);
      for (const target of targets) {
        for await (const item of archiveEntries(archive, target, { signal })) {
          if (item.kind !== 'entry' || item.content === undefined) continue;
          const path = Buffer.from(item.entry.path);
          const cut = path.lastIndexOf('/');
          if (path.subarray(cut + 1).equals(tag.name) && (await isTaggedBy(item.content, tag.header)))
            yield path.subarray(0, Math.max(cut, 1));
        }
      }
    },
  };
}

function noFileSystems(place: string): CodedError {
  return new CodedError({
    code: 'tool-missing',
    message: `Without programs in ${place} nobody can tell its file systems apart`,
    hint: 'Back up without the limit to one file system, and exclude what is mounted there.',
    context: { host: place },
  });
}
