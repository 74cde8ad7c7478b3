import type { ContainerArchive } from '@holdfast/connect/docker';
import { CodedError } from '@holdfast/kernel';
import { deviceNumber, type EntryType, type ListedEntry, type ListedItem } from './listed-entry.ts';
import { readTar, type TarMember } from './read-tar.ts';
import { sourceIncomplete } from './source-incomplete.ts';

/** What a listing has, with the content of a file as long as the next item was not asked for. */
export type ArchivedItem = ListedItem & {
  readonly content?: AsyncIterable<Uint8Array> | undefined;
  readonly linkPath?: Buffer | undefined;
};

const types: Readonly<Record<TarMember['type'], EntryType>> = {
  file: 'file',
  'hard-link': 'file',
  symlink: 'symlink',
  'character-device': 'chardev',
  'block-device': 'dev',
  directory: 'dir',
  fifo: 'fifo',
};
const slash = Buffer.from('/');

/**
 * What lies at and below a path of a container, as its engine packs it. A further name of a file that came before has its size and time, and
 * `linkPath`, the path of that one; it has no content of its own. A path that is not there is a problem.
 */
export async function* archiveEntries(
  archive: ContainerArchive,
  target: Uint8Array,
  { signal }: { readonly signal?: AbortSignal | undefined },
): AsyncGenerator<ArchivedItem, void, undefined> {
  const bytes = Buffer.from(target);
  const parent = bytes.subarray(0, bytes.lastIndexOf('/') + 1);
  const sizes = new Map<string, number>();
  try {
    for await (const member of readTar(archive.readArchive(bytes, { signal }))) {
      const path = bytes.byteLength === 1 && member.path.equals(Buffer.from('.')) ? slash : Buffer.concat([parent, member.path]);
      const isInside =
        path.equals(bytes) || bytes.byteLength === 1 || path.subarray(0, bytes.byteLength + 1).equals(Buffer.concat([bytes, slash]));
      if (!isInside) throw sourceIncomplete('An archive of a container', 'it has something that nobody asked for');
      const linkPath = member.type === 'hard-link' ? Buffer.concat([parent, member.linkPath]) : undefined;
      const sizeBytes = linkPath === undefined ? member.sizeBytes : sizes.get(linkPath.toString('latin1'));
      if (sizeBytes === undefined) throw sourceIncomplete('An archive of a container', 'it names a file a second time before the first');
      if (types[member.type] === 'file') sizes.set(path.toString('latin1'), sizeBytes);
      const entry = archivedEntry(member, path, sizeBytes);
      yield { kind: 'entry', entry, onTheWay: false, content: member.type === 'file' ? member.content : undefined, linkPath };
    }
  } catch (error) {
    if (!CodedError.is(error, 'path-not-found')) throw error;
    yield { kind: 'problem', problem: { path: bytes, kind: 'vanished', reason: 'No such file or directory' } };
  }
}

/** Whether a content begins with the header of a tag. */
export async function isTaggedBy(content: AsyncIterable<Uint8Array>, header: Uint8Array): Promise<boolean> {
  const parts: Uint8Array[] = [];
  let missing = header.byteLength;
  for await (const part of content) {
    const wanted = part.slice(0, missing);
    parts.push(wanted);
    missing -= wanted.byteLength;
    if (missing === 0) break;
  }
  return Buffer.concat(parts).equals(header);
}

function archivedEntry(member: TarMember, path: Buffer, sizeBytes: number): ListedEntry {
  const { permissions, uid, gid, major, minor } = member.metadata();
  const type = types[member.type];
  return {
    path,
    type,
    permissions,
    uid,
    gid,
    user: '',
    group: '',
    sizeBytes,
    mtimeNs: member.mtimeNs,
    ctimeNs: member.mtimeNs,
    inode: 0n,
    deviceId: 0n,
    links: 1,
    linkTarget: type === 'symlink' ? member.linkPath : undefined,
    device: type === 'dev' || type === 'chardev' ? deviceNumber(major, minor) : 0n,
  };
}
