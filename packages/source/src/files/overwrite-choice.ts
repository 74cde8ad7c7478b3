import type { EntryType, ListedEntry } from './listed-entry.ts';

/** What happens where something is in the way, as for a restore to this machine. */
export type OverwriteRule = 'always' | 'if-changed' | 'if-newer' | 'never';

/** An entry of a snapshot, as far as the choice goes. */
export interface SnapshotEntry {
  readonly type: EntryType;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
}

/** What is at a place where an entry is to be restored. */
export interface ExistingEntry extends SnapshotEntry {
  /** Whether its times have fractions of seconds: a listing may have whole ones only. */
  readonly hasNanoseconds: boolean;
}

export type Choice =
  | { readonly kind: 'write' }
  /** Something is there that stays. */
  | { readonly kind: 'leave' }
  /** Nothing may be written there: whatever would be written went somewhere else, or would take a whole directory away. */
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * What is to be done with an entry, given what is there. A directory is never made of something else, and nothing else of a directory:
 * an unpacking program would follow a link, or fail half-way.
 */
export function chooseOverwrite(rule: OverwriteRule, entry: SnapshotEntry, existing: ExistingEntry | undefined): Choice {
  if (existing === undefined) return { kind: 'write' };
  if (entry.type === 'dir' && existing.type !== 'dir') {
    return { kind: 'refuse', reason: `there is a ${nameOf(existing.type)} where a directory is to be` };
  }
  if (entry.type !== 'dir' && existing.type === 'dir')
    return { kind: 'refuse', reason: `there is a directory where a ${nameOf(entry.type)} is to be` };
  if (entry.type === 'dir') return { kind: 'write' };
  switch (rule) {
    case 'always':
      return { kind: 'write' };
    case 'never':
      return { kind: 'leave' };
    case 'if-newer':
      return comparable(entry.mtimeNs, existing) > existing.mtimeNs ? { kind: 'write' } : { kind: 'leave' };
    case 'if-changed': {
      const isSame =
        existing.type === entry.type && existing.sizeBytes === entry.sizeBytes && comparable(entry.mtimeNs, existing) === existing.mtimeNs;
      return isSame && entry.type === 'file' ? { kind: 'leave' } : { kind: 'write' };
    }
  }
}

/** A listed entry as what exists. */
export function existingEntry({ type, sizeBytes, mtimeNs }: ListedEntry, hasNanoseconds: boolean): ExistingEntry {
  return { type, sizeBytes, mtimeNs, hasNanoseconds };
}

/** The time of the snapshot, to the precision of what exists. */
function comparable(mtimeNs: bigint, { hasNanoseconds }: ExistingEntry): bigint {
  if (hasNanoseconds) return mtimeNs;
  const beyond = ((mtimeNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return mtimeNs - beyond;
}

function nameOf(type: EntryType): string {
  return type === 'symlink' ? 'symbolic link' : type === 'dir' ? 'directory' : type === 'file' ? 'file' : 'special file';
}
