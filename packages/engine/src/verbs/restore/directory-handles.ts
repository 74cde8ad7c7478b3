import { openAt } from '../../posix/directory-calls.ts';
import { closeFile } from '../../posix/file-calls.ts';
import { openFlags } from '../../posix/open-flags.ts';
import { checked } from '../../posix/system-error.ts';
import type { RestorePlan } from './restore-plan.ts';

const openLimit = 64;

/**
 * Descriptors of the plan's directories. Each is opened relative to the one above it and never through a symbolic link, so what is done
 * with it happens below the target, whatever others do to the paths meanwhile; and the depth does not matter. Keeps the last ones open.
 */
export class DirectoryHandles implements Disposable {
  readonly #plan: RestorePlan;
  readonly #targetFd: number;
  readonly #open = new Map<number, number>();

  /** The target's descriptor stays the caller's. */
  constructor(plan: RestorePlan, targetFd: number) {
    this.#plan = plan;
    this.#targetFd = targetFd;
  }

  /** The descriptor of a directory of the plan, valid until the next call. Throws a system error if it is not there as a directory. */
  descriptor(directory: number): number {
    const missing: number[] = [];
    let at = directory;
    let fd = this.#known(at);
    while (fd === undefined) {
      missing.push(at);
      at = this.#plan.entry(at).directory;
      fd = this.#known(at);
    }
    for (let next = missing.pop(); next !== undefined; next = missing.pop()) {
      fd = checked(openAt(fd, this.#plan.entry(next).name, openFlags.directory), 'open directory');
      this.#keep(next, fd);
    }
    return fd;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#open.values()) closeFile(fd);
    this.#open.clear();
  }

  #known(directory: number): number | undefined {
    if (directory === 0) return this.#targetFd;
    const fd = this.#open.get(directory);
    if (fd === undefined) return undefined;
    this.#open.delete(directory); // to the end: the directory used longest ago is closed first
    this.#open.set(directory, fd);
    return fd;
  }

  #keep(directory: number, fd: number): void {
    this.#open.set(directory, fd);
    if (this.#open.size <= openLimit) return;
    for (const [oldest, oldestFd] of this.#open) {
      this.#open.delete(oldest);
      closeFile(oldestFd);
      return;
    }
  }
}
