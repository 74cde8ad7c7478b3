import type { SftpClient, SftpDoor } from '@holdfast/connect/ssh';
import { CodedError } from '@holdfast/kernel';
import type { AccessOptions, FileAccess, ListOptions } from './file-access.ts';
import type { DirectoryTag } from './find-tagged.ts';
import { directoriesOnTheWay } from './list-files.ts';
import type { FileProblem, ListedItem, MissingMetadata } from './listed-entry.ts';
import { readBySftp } from './read-by-sftp.ts';
import { sftpEntry, sftpProblem } from './sftp-entry.ts';
import { SftpWalk } from './sftp-walk.ts';

/** Version 3 of the protocol, which is what there is, knows of none of these. */
const missingMetadata: readonly MissingMetadata[] = [
  'extended-attributes',
  'access-control-lists',
  'access-times',
  'nanoseconds',
  'account-names',
  'change-times',
  'hard-links',
  'device-numbers',
];

/**
 * The files of a host by SFTP, for one that runs no commands. A directory has to be opened to be listed, so that it takes some round trips for
 * each; a file counts as unchanged by its size and its time in whole seconds.
 */
export async function sftpFiles(door: SftpDoor, place: string, options: AccessOptions): Promise<FileAccess> {
  // Found out now, not in mid-run, whether the host has it.
  await using _tried = await door.open({ signal: options.signal });
  return {
    missingMetadata,
    async *list(targets, { oneFileSystem, signal }): AsyncGenerator<ListedItem, void, undefined> {
      await using client = await door.open({ signal });
      if (oneFileSystem && !client.knowsFileSystems) throw noFileSystems(place);
      for (const path of directoriesOnTheWay(targets)) {
        const entry = await attempt(path, async () => await sftpEntry(client, path, await client.lstat(path), 0n));
        yield 'entry' in entry ? { kind: 'entry', entry: entry.entry, onTheWay: true } : entry;
      }
      const walk = new SftpWalk(client, oneFileSystem);
      for (const target of targets) yield* walk.below(target);
    },
    async *read(files, { signal }) {
      await using client = await door.open({ signal });
      yield* readBySftp(client, files);
    },
    async *findTagged(targets, tag, { oneFileSystem, signal }: ListOptions): AsyncGenerator<Uint8Array, void, undefined> {
      await using client = await door.open({ signal });
      if (oneFileSystem && !client.knowsFileSystems) throw noFileSystems(place);
      const walk = new SftpWalk(client, oneFileSystem);
      for (const target of targets) {
        for await (const item of walk.below(target)) {
          if (item.kind !== 'entry' || item.entry.type !== 'file') continue;
          const path = Buffer.from(item.entry.path);
          const cut = path.lastIndexOf('/');
          if (path.subarray(cut + 1).equals(tag.name) && (await beginsWith(client, path, tag))) yield path.subarray(0, Math.max(cut, 1));
        }
      }
    },
  };
}

/** What `work` gives, or why an entry could not be read. */
async function attempt<T>(path: Uint8Array, work: () => Promise<T>): Promise<{ entry: T } | { kind: 'problem'; problem: FileProblem }> {
  try {
    return { entry: await work() };
  } catch (error) {
    return { kind: 'problem', problem: sftpProblem(path, error) };
  }
}

/** A file that cannot be read tags nothing. */
async function beginsWith(client: SftpClient, path: Uint8Array, { header }: DirectoryTag): Promise<boolean> {
  if (header.byteLength === 0) return true;
  try {
    const handle = await client.openFile(path);
    try {
      const bytes = await client.read(handle, 0, header.byteLength);
      return bytes !== undefined && Buffer.compare(bytes, header) === 0;
    } finally {
      await client.close(handle);
    }
  } catch (error) {
    sftpProblem(path, error);
    return false;
  }
}

function noFileSystems(place: string): CodedError {
  return new CodedError({
    code: 'tool-missing',
    message: `By SFTP with ${place} nobody can tell its file systems apart`,
    hint: 'Back up without the limit to one file system, and exclude what is mounted there.',
    context: { host: place },
  });
}
