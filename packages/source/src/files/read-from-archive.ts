import { isUtf8 } from 'node:buffer';
import type { ContainerArchive } from '@holdfast/connect/docker';
import { archiveEntries } from './archive-entries.ts';
import type { ListedEntry } from './listed-entry.ts';
import type { DeliveredItem } from './read-files.ts';

export interface ArchiveReadOptions {
  /** What was listed: a target of which many files are wanted is read as a whole. */
  readonly targets: readonly Uint8Array[];
  readonly signal?: AbortSignal | undefined;
}

/** So many files of a target are each asked for alone. */
const aloneLimit = 64;

/** The contents of files by the archive calls of an engine. */
export async function* readFromArchive(
  archive: ContainerArchive,
  files: readonly ListedEntry[],
  { targets, signal }: ArchiveReadOptions,
): AsyncGenerator<DeliveredItem, void, undefined> {
  const wanted = new Map(files.map(({ path }, index) => [keyOf(path), index]));
  const deliver = async function* (path: Uint8Array): AsyncGenerator<DeliveredItem, void, undefined> {
    const linked: { readonly index: number; readonly linkPath: Buffer }[] = [];
    for await (const item of archiveEntries(archive, path, { signal })) {
      if (item.kind === 'problem') {
        yield item;
        continue;
      }
      const index = wanted.get(keyOf(item.entry.path));
      if (index === undefined) continue;
      const { sizeBytes, mtimeNs } = item.entry;
      if (item.content !== undefined) yield { kind: 'content', index, sizeBytes, mtimeNs, bytes: item.content };
      else if (item.linkPath !== undefined) linked.push({ index, linkPath: item.linkPath });
      else
        yield {
          kind: 'problem',
          problem: { path: item.entry.path, kind: 'unreadable', reason: 'it was replaced by something else meanwhile' },
        };
    }
    for (const { index, linkPath } of linked) {
      const of = wanted.get(keyOf(linkPath));
      if (of !== undefined) yield { kind: 'same', index, of };
      // Its other name has not changed and was not asked for: by itself each name of a file has the content.
      else yield* deliverAlone(archive, files, index, signal);
    }
  };
  for (const target of targets) {
    const prefix = target.byteLength === 1 ? '/' : `${keyOf(target)}/`;
    const inside = files.flatMap(({ path }, index) => (keyOf(path) === keyOf(target) || keyOf(path).startsWith(prefix) ? [index] : []));
    // Engines have no archive of a path whose last part is no UTF-8; in that of its directory it is as it is.
    const isAlone = inside.length <= aloneLimit && inside.every((index) => isUtf8((files[index] as ListedEntry).path));
    if (!isAlone) yield* deliver(target);
    else for (const index of inside) yield* deliverAlone(archive, files, index, signal);
  }
}

/** One file by itself, which makes it no further name of another. */
async function* deliverAlone(
  archive: ContainerArchive,
  files: readonly ListedEntry[],
  index: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<DeliveredItem, void, undefined> {
  const { path } = files[index] as ListedEntry;
  for await (const item of archiveEntries(archive, path, { signal })) {
    if (item.kind === 'problem') yield item;
    else if (item.content !== undefined)
      yield { kind: 'content', index, sizeBytes: item.entry.sizeBytes, mtimeNs: item.entry.mtimeNs, bytes: item.content };
    else yield { kind: 'problem', problem: { path, kind: 'unreadable', reason: 'it was replaced by something else meanwhile' } };
    break; // a file that became a directory may hold anything
  }
}

function keyOf(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
}
