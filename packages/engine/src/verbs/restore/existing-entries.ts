import { type BigIntStats, fstatSync } from 'node:fs';
import { openAt } from '../../posix/directory-calls.ts';
import { statAt } from '../../posix/entry-stat.ts';
import { closeFile } from '../../posix/file-calls.ts';
import { openFlags } from '../../posix/open-flags.ts';
import { checked } from '../../posix/system-error.ts';
import type { ContentComparison } from './content-comparison.ts';
import type { DirectoryHandles } from './directory-handles.ts';
import type { PlannedEntry } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import type { JobOutcome } from './job-outcome.ts';
import type { OverwriteRule } from './restore-options.ts';
import type { RestorePlan } from './restore-plan.ts';

const nsPerSecond = 1_000_000_000n;

/** Decides what is to be done with an entry in a directory that was there before. Changes nothing on disk. */
export class ExistingEntries {
  readonly #plan: RestorePlan;
  readonly #directories: DirectoryHandles;
  readonly #comparison: ContentComparison;
  readonly #overwrite: OverwriteRule;
  readonly #outcome: JobOutcome;

  constructor(
    plan: RestorePlan,
    directories: DirectoryHandles,
    comparison: ContentComparison,
    overwrite: OverwriteRule,
    outcome: JobOutcome,
  ) {
    this.#plan = plan;
    this.#directories = directories;
    this.#comparison = comparison;
    this.#overwrite = overwrite;
    this.#outcome = outcome;
  }

  /** Sets the entry's state, and reports which blobs of a file are right already. */
  survey(number: number): void {
    const entry = this.#plan.entry(number);
    const { state, damaged } = this.#plan.shared;
    const directory = this.#directories.descriptor(entry.directory);
    const stat = statAt(directory, entry.name);
    if (stat === undefined) return;
    if (this.#isToBeSkipped(entry, stat)) {
      state[number] = entryState.skip;
      return;
    }
    // A file with several names is replaced, not written to: the others may lie outside of the target.
    if (entry.kind !== 'file' || !stat.isFile() || stat.nlink !== 1n) return;
    const sameSize = stat.size === BigInt(entry.sizeBytes);
    const isLost = damaged[number] !== 0;
    if (this.#overwrite === 'if-changed' && sameSize && !isLost && stat.mtimeNs === mtimeNs(entry)) {
      state[number] = entryState.keep;
      return;
    }
    const matches = this.#compare(directory, entry);
    if (matches === undefined) return;
    const isWhole = !isLost && matches.every((match) => match === 1);
    state[number] = isWhole && sameSize ? entryState.keep : entryState.update;
    if (state[number] === entryState.update) this.#outcome.partial.push({ entry: number, matches });
  }

  #isToBeSkipped(entry: PlannedEntry, existing: BigIntStats): boolean {
    if (this.#overwrite === 'never') return true;
    return this.#overwrite === 'if-newer' && mtimeNs(entry) <= existing.mtimeNs;
  }

  /** undefined if the file cannot be read: it is then made anew. */
  #compare(directory: number, entry: PlannedEntry): Uint8Array | undefined {
    const fd = openAt(directory, entry.name, openFlags.read);
    if (fd < 0) return undefined;
    try {
      const stat = fstatSync(fd);
      return stat.isFile() && stat.nlink === 1 ? this.#comparison.matches(fd, entry) : undefined;
    } finally {
      closeFile(fd);
    }
  }
}

/** Reads a restored file back. A text says what is wrong with it; undefined if it is right. */
export function verifyFile(directory: number, entry: PlannedEntry, comparison: ContentComparison): string | undefined {
  const fd = checked(openAt(directory, entry.name, openFlags.read), 'open');
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile()) return 'it is no regular file';
    if (stat.size !== BigInt(entry.sizeBytes)) return `it has ${stat.size} bytes instead of ${entry.sizeBytes}`;
    return comparison.matches(fd, entry).every((match) => match === 1) ? undefined : 'its content differs from the snapshot';
  } finally {
    closeFile(fd);
  }
}

function mtimeNs({ times }: PlannedEntry): bigint {
  return (times[2] as bigint) * nsPerSecond + (times[3] as bigint);
}
