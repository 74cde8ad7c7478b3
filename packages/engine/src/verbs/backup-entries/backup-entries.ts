import { CodedError, fromHex } from '@holdfast/kernel';
import { LocalTimeFormatter } from '../../format/go-time.ts';
import type { ItemProblem } from '../backup/backup-job.ts';
import type { DestinationWriter } from '../backup/destination-writer.ts';
import type { ExclusionRules } from '../backup/exclusion-rules.ts';
import type { SourceWalk } from '../backup/source-walk.ts';
import { cleanPath } from '../backup/target-tree.ts';
import { ContentIntake } from './content-intake.ts';
import { EntrySelection } from './entry-selection.ts';
import type { EntrySource } from './entry-source.ts';
import { EntryWalk } from './entry-walk.ts';
import { FileFetch } from './file-fetch.ts';

export interface EntryBackup {
  readonly source: EntrySource;
  /** Absolute paths as the user gave them, raw bytes. */
  readonly targets: readonly Uint8Array[];
  readonly walk: SourceWalk;
  readonly writers: readonly DestinationWriter[];
  readonly parentTree: string | undefined;
  readonly loadParentTree: ((id: string) => Promise<Uint8Array>) | undefined;
  readonly rules: ExclusionRules;
  readonly oneFileSystem: boolean;
  readonly ignoreCtime: boolean;
  readonly ignoreInode: boolean;
  readonly timeZone: string;
  readonly onProblem: (problem: ItemProblem) => void;
  readonly onAdvance: () => void;
  readonly signal: AbortSignal | undefined;
}

/** What a damaged parent snapshot can say; it is no reason to make no new one. */
const damageCodes: ReadonlySet<string> = new Set([
  'blob-missing',
  'blob-damaged',
  'storage-not-found',
  'storage-short-read',
  'format-invalid',
]);

/**
 * Stores what a source lists at and below the targets, by the rules of the backup of this machine's own files; returns the ID of the root
 * tree and how many entries it has. Only the contents of files that are new or changed are asked for.
 */
export async function storeEntries(backup: EntryBackup): Promise<{ tree: string; entries: number }> {
  const { source, walk, writers, rules, oneFileSystem, onProblem, onAdvance, signal } = backup;
  const targets = cleanTargets(backup.targets);
  const selection = await EntrySelection.open({ source, targets, rules, oneFileSystem, signal });
  const intake = new ContentIntake((batch, onCut) => walk.storeContents(batch, onCut));
  const isStored = (content: readonly string[]): boolean =>
    content.every((id) => {
      const bytes = fromHex(id);
      return writers.every((writer) => writer.failed || writer.destination.repository.index.find('data', bytes) >= 0);
    });
  const entryWalk = new EntryWalk({
    source,
    targets,
    selection,
    oneFileSystem,
    parentTree: backup.loadParentTree === undefined ? undefined : backup.parentTree,
    loadTree: async (id, path) => {
      try {
        return await backup.loadParentTree?.(id);
      } catch (error) {
        if (!CodedError.is(error) || !damageCodes.has(error.code)) throw error;
        onProblem({ path, kind: 'parent', error });
        return undefined;
      }
    },
    storeTree: (nodes) => walk.storeTree(nodes),
    isStored,
    fetch: new FileFetch({ source, intake, counts: walk.counts, onProblem, onAdvance, signal }),
    counts: walk.counts,
    times: new LocalTimeFormatter(backup.timeZone),
    ignoreCtime: backup.ignoreCtime,
    ignoreInode: backup.ignoreInode,
    onProblem,
    signal,
  });
  return entryWalk.store();
}

/** The targets as the listing names them, each once, those inside others left out, in the order of a walk. */
function cleanTargets(given: readonly Uint8Array[]): Buffer[] {
  const clean = given.map((target) => {
    const text = Buffer.from(target).toString('latin1');
    if (text.startsWith('/') && !text.includes('\0')) return cleanPath(text);
    throw new CodedError({
      code: 'invalid-argument',
      message: `${JSON.stringify(Buffer.from(target).toString())} is no absolute path`,
      hint: 'Name what is to be backed up over a connection by its whole path, beginning with a slash.',
    });
  });
  // With a slash at its end a path comes right before everything below it.
  const keys = [...new Set(clean.map((path) => (path === '/' ? path : `${path}/`)))].sort();
  const kept: string[] = [];
  for (const key of keys) if (!key.startsWith(kept.at(-1) ?? '\0')) kept.push(key);
  return kept.map((key) => Buffer.from(key === '/' ? key : key.slice(0, -1), 'latin1'));
}
