import { fstatSync } from 'node:fs';
import { changeModeAt, openAt } from '../../posix/directory-calls.ts';
import { statAt } from '../../posix/entry-stat.ts';
import { closeFile, truncateFile, writeAt } from '../../posix/file-calls.ts';
import { openFlags } from '../../posix/open-flags.ts';
import { checked, errnoName, systemError } from '../../posix/system-error.ts';
import type { DirectoryHandles } from './directory-handles.ts';
import type { PlannedEntry } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import type { JobOutcome } from './job-outcome.ts';
import type { MetadataRestorer } from './metadata-restorer.ts';
import { clearWay, removeEntry } from './remove-entry.ts';
import type { RestorePlan } from './restore-plan.ts';
import { writeSparsely } from './sparse-write.ts';
import { replacedError } from './target-error.ts';

interface OpenFile {
  readonly entry: PlannedEntry;
  /** -1 if it could not be opened. */
  readonly fd: number;
}

const notOpened = 0;
const opening = 1;
const isOpen = 2;
const cannotOpen = 3;
const openLimit = 256;
const noFile = -1;

export interface FileWriterOptions {
  readonly sparse: boolean;
  /** A directory in the way of a file is removed with all that is in it. */
  readonly delete: boolean;
}

/**
 * Writes pieces of files wherever they belong, in any order and from several threads, and finishes each file when its last piece is there.
 * The thread that meets a file first makes it; the one that writes its last piece restores its metadata. Lives as long as one job.
 */
export class FileWriter implements Disposable {
  readonly #plan: RestorePlan;
  readonly #directories: DirectoryHandles;
  readonly #metadata: MetadataRestorer;
  readonly #options: FileWriterOptions;
  readonly #outcome: JobOutcome;
  readonly #files = new Map<number, OpenFile>();

  constructor(
    plan: RestorePlan,
    directories: DirectoryHandles,
    metadata: MetadataRestorer,
    options: FileWriterOptions,
    outcome: JobOutcome,
  ) {
    this.#plan = plan;
    this.#directories = directories;
    this.#metadata = metadata;
    this.#options = options;
    this.#outcome = outcome;
  }

  write(number: number, content: Uint8Array, offset: number): void {
    const file = this.#file(number);
    if (file.fd !== noFile) {
      try {
        const isSparse = this.#options.sparse && this.#plan.shared.state[number] === entryState.make;
        if (isSparse) writeSparsely(file.fd, content, offset);
        else checked(writeAt(file.fd, content, offset), 'write');
        this.#outcome.bytesWritten += content.byteLength;
      } catch (error) {
        this.#plan.shared.damaged[number] = 1;
        this.#outcome.fail(number, 'content', error);
      }
    }
    if (Atomics.sub(this.#plan.shared.remaining, number, 1) === 1) this.finish(number);
  }

  /** Closes the file for good, with its metadata: no piece of it is still to come. Makes it first if it has no content. */
  finish(number: number): void {
    const { entry, fd } = this.#file(number);
    this.#files.delete(number);
    if (fd === noFile) return;
    const isDamaged = this.#plan.shared.damaged[number] !== 0;
    const failure = this.#metadata.onFile(fd, entry, !isDamaged);
    try {
      if (isDamaged) checked(truncateFile(fd, entry.sizeBytes), 'truncate'); // what is lost may be its end
      checked(closeFile(fd), 'close'); // where a network file system tells of a failed write
    } catch (error) {
      this.#plan.shared.damaged[number] = 1;
      this.#outcome.fail(number, 'content', error);
    }
    if (failure !== undefined) this.#outcome.fail(number, 'metadata', failure);
    this.#outcome.finished.push(number);
  }

  [Symbol.dispose](): void {
    for (const { fd } of this.#files.values()) if (fd !== noFile) closeFile(fd);
    this.#files.clear();
  }

  #file(number: number): OpenFile {
    const known = this.#files.get(number);
    if (known !== undefined) return known;
    const entry = this.#plan.entry(number);
    const file = { entry, fd: this.#open(number, entry) };
    this.#files.set(number, file);
    if (this.#files.size > openLimit) this.#closeOldest();
    return file;
  }

  #closeOldest(): void {
    for (const [number, { fd }] of this.#files) {
      this.#files.delete(number);
      if (fd === noFile) return;
      const closed = closeFile(fd);
      if (closed < 0) this.#outcome.fail(number, 'content', systemError(closed, 'close'));
      return;
    }
  }

  /** The file's descriptor, made ready by this thread or another; or `noFile`, after the problem was reported. */
  #open(number: number, entry: PlannedEntry): number {
    const { opened, state } = this.#plan.shared;
    Atomics.wait(opened, number, opening);
    const before = Atomics.compareExchange(opened, number, notOpened, opening);
    if (before === opening) return this.#open(number, entry);
    if (before === cannotOpen) return noFile;
    let result: number = cannotOpen;
    try {
      const directory = this.#directories.descriptor(entry.directory);
      let fd: number;
      if (before === isOpen) fd = openRegular(directory, entry);
      else fd = state[number] === entryState.update ? openForUpdate(directory, entry) : this.#make(directory, entry);
      result = isOpen;
      return fd;
    } catch (error) {
      this.#plan.shared.damaged[number] = 1;
      this.#outcome.fail(number, 'content', error);
      return noFile;
    } finally {
      Atomics.store(opened, number, result);
      Atomics.notify(opened, number);
    }
  }

  #make(directory: number, entry: PlannedEntry): number {
    let fd = openAt(directory, entry.name, openFlags.create);
    if (fd < 0 && systemError(fd, 'create').code === 'EEXIST') {
      if (this.#options.delete) removeEntry(directory, entry.name.subarray(0, -1), false, () => undefined);
      else clearWay(directory, entry.name);
      fd = openAt(directory, entry.name, openFlags.create);
    }
    checked(fd, 'create');
    if (this.#options.sparse) truncateOrClose(fd, entry.sizeBytes);
    return fd;
  }
}

/** Opens a file for writing that is there already. Only a regular file with no other name is taken: whatever else is no file of ours. */
function openRegular(directory: number, entry: PlannedEntry): number {
  const fd = checked(openAt(directory, entry.name, openFlags.write), 'open');
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.nlink === 1) return fd;
  closeFile(fd);
  throw replacedError();
}

function openForUpdate(directory: number, entry: PlannedEntry): number {
  let fd: number;
  try {
    fd = openRegular(directory, entry);
  } catch (error) {
    // A file that its owner may not write. The mode is restored in the end anyway.
    const stat = errnoName(error) === 'EACCES' ? statAt(directory, entry.name) : undefined;
    if (stat?.isFile() !== true || stat.nlink !== 1n || changeModeAt(directory, entry.name, 0o600) < 0) throw error;
    fd = openRegular(directory, entry);
  }
  if (fstatSync(fd).size > entry.sizeBytes) truncateOrClose(fd, entry.sizeBytes);
  return fd;
}

function truncateOrClose(fd: number, sizeBytes: number): void {
  const truncated = truncateFile(fd, sizeBytes);
  if (truncated === 0) return;
  closeFile(fd);
  checked(truncated, 'truncate');
}
