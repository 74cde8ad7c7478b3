import { fstatSync } from 'node:fs';
import { cString } from '../../posix/c-string.ts';
import { linkAt, makeDeviceAt, makeFifoAt, openAt, symlinkAt } from '../../posix/directory-calls.ts';
import { closeFile } from '../../posix/file-calls.ts';
import { openFlags } from '../../posix/open-flags.ts';
import { checked, errnoName, systemError } from '../../posix/system-error.ts';
import type { DirectoryHandles } from './directory-handles.ts';
import type { PlannedEntry } from './entry-record.ts';
import type { JobOutcome } from './job-outcome.ts';
import type { MetadataRestorer } from './metadata-restorer.ts';
import { clearWay, removeEntry } from './remove-entry.ts';
import type { RestorePlan } from './restore-plan.ts';
import { replacedError } from './target-error.ts';

const itself = cString(Buffer.from('.'));

/** Makes what has no content of its own (links, devices, FIFOs) and restores the metadata of what is there. */
export class EntryMaker {
  readonly #plan: RestorePlan;
  readonly #directories: DirectoryHandles;
  readonly #metadata: MetadataRestorer;
  readonly #deletes: boolean;
  readonly #outcome: JobOutcome;

  constructor(plan: RestorePlan, directories: DirectoryHandles, metadata: MetadataRestorer, deletes: boolean, outcome: JobOutcome) {
    this.#plan = plan;
    this.#directories = directories;
    this.#metadata = metadata;
    this.#deletes = deletes;
    this.#outcome = outcome;
  }

  /** Makes the entry; what is in its way goes, but a directory with something in it only when deleting. */
  make(number: number, entry: PlannedEntry): void {
    if (entry.kind === 'hard-link') {
      this.#link(entry);
    } else {
      const directory = this.#directories.descriptor(entry.directory);
      this.#inClearedPlace(directory, entry, () => create(directory, entry));
      this.#reportMetadata(number, this.#metadata.onName(directory, entry));
    }
    this.#outcome.finished.push(number);
  }

  /** Restores the metadata of a file whose content was found right. */
  refresh(number: number, entry: PlannedEntry): void {
    const directory = this.#directories.descriptor(entry.directory);
    const fd = openAt(directory, entry.name, openFlags.read);
    if (fd < 0 && systemError(fd, 'open').code === 'EACCES') {
      this.#reportMetadata(number, this.#metadata.onName(directory, entry));
    } else {
      checked(fd, 'open');
      try {
        const stat = fstatSync(fd);
        if (!stat.isFile() || stat.nlink !== 1) throw replacedError();
        this.#reportMetadata(number, this.#metadata.onFile(fd, entry, true));
      } finally {
        closeFile(fd);
      }
    }
    this.#outcome.finished.push(number);
  }

  /** Restores the metadata of a directory. */
  finishDirectory(number: number, entry: PlannedEntry): void {
    this.#reportMetadata(number, this.#metadata.onFile(this.#directories.descriptor(number), entry, true));
    this.#outcome.finished.push(number);
  }

  #link(entry: PlannedEntry): void {
    const leader = this.#plan.entry(entry.leader);
    // a descriptor of our own, since looking up the other directory may close the first
    const from = checked(openAt(this.#directories.descriptor(leader.directory), itself, openFlags.directory), 'open directory');
    try {
      const to = this.#directories.descriptor(entry.directory);
      this.#inClearedPlace(to, entry, () => linkAt(from, leader.name, to, entry.name));
    } finally {
      closeFile(from);
    }
  }

  #inClearedPlace(directory: number, entry: PlannedEntry, act: () => number): void {
    const result = act();
    if (result >= 0) return;
    const error = systemError(result, entry.kind === 'hard-link' ? 'link' : 'create');
    if (errnoName(error) !== 'EEXIST') throw error;
    if (this.#deletes) removeEntry(directory, entry.name.subarray(0, -1), false, () => undefined);
    else clearWay(directory, entry.name);
    checked(act(), error.syscall);
  }

  #reportMetadata(number: number, failure: unknown): void {
    if (failure !== undefined) this.#outcome.fail(number, 'metadata', failure);
  }
}

function create(directory: number, entry: PlannedEntry): number {
  switch (entry.kind) {
    case 'symlink':
      return symlinkAt(entry.linkTarget, directory, entry.name);
    case 'fifo':
      return makeFifoAt(directory, entry.name);
    case 'block-device':
      return makeDeviceAt(directory, entry.name, 'block', entry.device);
    case 'character-device':
      return makeDeviceAt(directory, entry.name, 'character', entry.device);
    default:
      throw new RangeError(`a ${entry.kind} is not made here`);
  }
}
