import { CodedError } from '@holdfast/kernel';
import type { Snapshot } from '../format/snapshot.ts';

/** A snapshot and its ID. */
export type NamedSnapshot = Snapshot & { readonly id: string };

export interface SnapshotFilter {
  /** Any of these; all when empty. */
  readonly hosts?: readonly string[];
  /** Any of these lists, of which all tags are there; a list with one empty tag means: no tags. */
  readonly tagLists?: readonly (readonly string[])[];
  /** All of these, as absolute paths. */
  readonly paths?: readonly string[];
}

export function matchesFilter(snapshot: Snapshot, { hosts = [], tagLists = [], paths = [] }: SnapshotFilter): boolean {
  if (hosts.length > 0 && !hosts.includes(snapshot.hostname)) return false;
  if (tagLists.length > 0 && !tagLists.some((list) => hasTags(snapshot, list))) return false;
  return paths.every((path) => snapshot.paths.includes(path));
}

/** Whether the snapshot has all of the tags; the list of one empty tag stands for a snapshot without any. */
export function hasTags(snapshot: Snapshot, tags: readonly string[]): boolean {
  return tags.every((tag) => (tag === '' ? snapshot.tags.length === 0 : snapshot.tags.includes(tag)));
}

/** `a,b` as a list of tags. */
export function parseTagList(text: string): string[] {
  return text.split(',').map((tag) => tag.trim());
}

/** Snapshots from the oldest to the newest; of the same instant, by ID. */
export function byTime(a: NamedSnapshot, b: NamedSnapshot): number {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export interface SnapshotReference {
  readonly snapshot: NamedSnapshot;
  /** From `id:path`: a path inside, without the leading slash; empty for the whole. */
  readonly subfolder: string;
}

/**
 * The snapshot that a user means: `latest` or `latest~n` of those that pass the filter, or an ID or the beginning of one; with `:path` after
 * it for a place inside. `snapshot-not-found` if there is none, or several.
 */
export function resolveSnapshot(snapshots: readonly NamedSnapshot[], reference: string, filter: SnapshotFilter = {}): SnapshotReference {
  const colon = reference.indexOf(':');
  const name = colon < 0 ? reference : reference.slice(0, colon);
  const subfolder = colon < 0 ? '' : reference.slice(colon + 1).replace(/^\/+|\/+$/g, '');
  const latest = /^latest(?:~(\d+))?$/.exec(name);
  const snapshot = latest === null ? byPrefix(snapshots, name) : nthLatest(snapshots, filter, Number(latest[1] ?? '0'));
  return { snapshot, subfolder };
}

function nthLatest(snapshots: readonly NamedSnapshot[], filter: SnapshotFilter, n: number): NamedSnapshot {
  const found = snapshots
    .filter((snapshot) => matchesFilter(snapshot, filter))
    .sort(byTime)
    .at(-1 - n);
  if (found !== undefined) return found;
  throw new CodedError({
    code: 'snapshot-not-found',
    message: n === 0 ? 'There is no snapshot that fits' : `There are no ${n + 1} snapshots that fit`,
    hint: 'See with snapshots what there is; loosen --host, --tag and --path.',
  });
}

function byPrefix(snapshots: readonly NamedSnapshot[], prefix: string): NamedSnapshot {
  const found = prefix === '' ? [] : snapshots.filter(({ id }) => id.startsWith(prefix));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  throw new CodedError({
    code: 'snapshot-not-found',
    message:
      found.length === 0
        ? `There is no snapshot ${JSON.stringify(prefix)}`
        : `Several snapshots begin with ${JSON.stringify(prefix)}: ${found.map(({ id }) => id.slice(0, 12)).join(', ')}`,
    hint: found.length === 0 ? 'See with snapshots what there is.' : 'Write more of the ID.',
  });
}
