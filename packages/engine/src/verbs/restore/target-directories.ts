import { accessSync, closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CodedError } from '@holdfast/kernel';
import { makeDirectoryAt, openAt } from '../../posix/directory-calls.ts';
import { closeFile } from '../../posix/file-calls.ts';
import { openFlags } from '../../posix/open-flags.ts';
import { checked, errnoName, isSystemError, systemError } from '../../posix/system-error.ts';
import { DirectoryHandles } from './directory-handles.ts';
import type { PlannedEntry } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import type { Wave } from './plan-restore.ts';
import { clearWay } from './remove-entry.ts';
import type { RestoreLedger } from './restore-ledger.ts';
import type { RestorePlan } from './restore-plan.ts';
import { describeFailure, hopelessError } from './target-error.ts';

/** Others must not look in before the directories have their own modes. */
const unfinishedMode = 0o700;
/** How many entries are looked at before others get their turn. */
const turn = 1024;

/** The open target directory. `fd` is -1 in a dry run into a directory that does not exist. */
export class RestoreTarget implements Disposable {
  readonly fd: number;
  readonly #dryRun: boolean;

  private constructor(fd: number, dryRun: boolean) {
    this.fd = fd;
    this.#dryRun = dryRun;
  }

  /** Makes the directory if it is missing. `target-unwritable` if that is impossible or nothing can be made in it. */
  static open(target: Uint8Array | string, dryRun: boolean): RestoreTarget {
    const path = typeof target === 'string' ? target : Buffer.from(target);
    try {
      if (!dryRun) mkdirSync(path, { recursive: true, mode: unfinishedMode });
      const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        if (!dryRun) accessSync(path, constants.W_OK | constants.X_OK);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
      return new RestoreTarget(fd, dryRun);
    } catch (error) {
      if (dryRun && errnoName(error) === 'ENOENT') return new RestoreTarget(-1, dryRun);
      throw unwritable(path.toString(), error);
    }
  }

  /**
   * Makes the directories that this wave needs and that are missing, and takes those that are there. Anything else of their name is
   * removed, a symbolic link too: it is never followed. Sets their states: `fresh` or `keep`.
   */
  async prepare(plan: RestorePlan, { from, to }: Wave, ledger: RestoreLedger, signal: AbortSignal): Promise<void> {
    using handles = new DirectoryHandles(plan, this.fd);
    const { state } = plan.shared;
    state[0] = this.fd < 0 ? entryState.fresh : entryState.keep; // the target itself
    for (let number = Math.max(1, from); number < to; number++) {
      if (number % turn === 0) {
        await nextTurn();
        signal.throwIfAborted();
      }
      if (state[number] === entryState.unneeded) continue;
      const isDirectory = plan.kind(number) === 'directory';
      if (!isDirectory && state[plan.directory(number)] !== entryState.make) continue;
      // With a filter, directories of earlier waves may only now be needed.
      const missing: number[] = [];
      for (let at = isDirectory ? number : plan.directory(number); state[at] === entryState.make; at = plan.directory(at)) missing.push(at);
      for (const directory of missing.reverse()) this.#prepareOne(plan, handles, directory, ledger);
    }
  }

  #prepareOne(plan: RestorePlan, handles: DirectoryHandles, number: number, ledger: RestoreLedger): void {
    const { state } = plan.shared;
    const entry = plan.entry(number);
    ledger.add(number);
    if (this.#dryRun && state[entry.directory] !== entryState.keep) {
      state[number] = entryState.fresh; // what it lies in is not there either
      return;
    }
    try {
      const parent = handles.descriptor(entry.directory);
      state[number] = this.#dryRun ? lookFor(parent, entry) : prepareDirectory(parent, entry);
    } catch (error) {
      const hopeless = hopelessError(error);
      if (hopeless !== undefined) throw hopeless;
      if (!isSystemError(error)) throw error;
      ledger.failures([{ entry: number, kind: 'content', code: 'target-unwritable', detail: describeFailure(error) }]);
    }
  }

  [Symbol.dispose](): void {
    if (this.fd >= 0) closeSync(this.fd);
  }
}

function prepareDirectory(parent: number, entry: PlannedEntry): number {
  let made = makeDirectoryAt(parent, entry.name, unfinishedMode);
  if (made < 0 && systemError(made, 'mkdir').code === 'EEXIST') {
    if (isDirectory(parent, entry)) return entryState.keep;
    clearWay(parent, entry.name);
    made = makeDirectoryAt(parent, entry.name, unfinishedMode);
  }
  checked(made, 'mkdir');
  return entryState.fresh;
}

function lookFor(parent: number, entry: PlannedEntry): number {
  return isDirectory(parent, entry) ? entryState.keep : entryState.fresh;
}

function isDirectory(parent: number, entry: PlannedEntry): boolean {
  const fd = openAt(parent, entry.name, openFlags.directory);
  if (fd >= 0) {
    closeFile(fd);
    return true;
  }
  const { code } = systemError(fd, 'open directory');
  if (code !== 'ENOTDIR' && code !== 'ELOOP' && code !== 'EMLINK' && code !== 'ENOENT') checked(fd, 'open directory');
  return false;
}

function unwritable(path: string, cause: unknown): unknown {
  const errno = errnoName(cause);
  if (errno === undefined) return cause;
  return (
    hopelessError(cause) ??
    new CodedError({
      code: 'target-unwritable',
      message: `Nothing can be restored into ${JSON.stringify(path)}: ${errno}`,
      hint: 'Choose a directory that this user may write to.',
      context: { errno },
      cause,
    })
  );
}
