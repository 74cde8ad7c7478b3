import type { CallOptions } from '@holdfast/storage/port';
import { encodeSnapshot, type Snapshot } from '../format/snapshot.ts';

/** What changing tags needs of a repository. */
export interface TagRepository {
  saveFile(type: 'snapshot', plaintext: Uint8Array, options?: CallOptions): Promise<string>;
  removeFile(type: 'snapshot', name: string, options?: CallOptions): Promise<void>;
}

/** `set` replaces all tags (one empty tag: none are left); else `remove` goes before `add`. */
export interface TagChange {
  readonly set?: readonly string[] | undefined;
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

/**
 * Gives a snapshot other tags and returns its new ID, or undefined if it has them already. A snapshot is named by its content, so that it is
 * written anew, and the old one removed only after that. The caller holds an exclusive lock.
 */
export async function changeTags(
  repository: TagRepository,
  snapshot: Snapshot & { readonly id: string },
  change: TagChange,
  options: CallOptions = {},
): Promise<string | undefined> {
  const tags = newTags(snapshot.tags, change);
  if (tags.length === snapshot.tags.length && tags.every((tag, i) => tag === snapshot.tags[i])) return undefined;
  const plaintext = encodeSnapshot({ ...snapshot, tags, original: snapshot.original ?? snapshot.id });
  const id = await repository.saveFile('snapshot', plaintext, options);
  await repository.removeFile('snapshot', snapshot.id, options);
  return id;
}

function newTags(tags: readonly string[], { set, add = [], remove = [] }: TagChange): string[] {
  if (set !== undefined) return [...new Set(set.filter((tag) => tag !== ''))];
  const kept = tags.filter((tag) => !remove.includes(tag));
  return [...kept, ...new Set(add.filter((tag) => tag !== '' && !kept.includes(tag)))];
}
