import { CodedError } from '@holdfast/kernel';
import { entryState } from './entry-state.ts';
import type { Wave } from './plan-restore.ts';
import type { WorkerProblem } from './restore-job.ts';
import type { ItemAction, RestoreOptions, RestoreProblem, RestoreProgress, RestoreReport } from './restore-options.ts';
import type { RestorePlan } from './restore-plan.ts';

type Figures = { -readonly [K in keyof RestoreProgress]: RestoreProgress[K] };

/** Keeps the books of a restore: every planned entry ends as restored, skipped or a problem, or the books do not balance. */
export class RestoreLedger {
  readonly #plan: RestorePlan;
  readonly #options: RestoreOptions;
  readonly #problems: RestoreProblem[];
  /** Files that are rewritten in part, or replace something. */
  readonly #updated = new Set<number>();
  readonly #figures: Figures = {
    totalFiles: 0,
    totalBytes: 0,
    filesRestored: 0,
    bytesRestored: 0,
    filesSkipped: 0,
    bytesSkipped: 0,
    filesDeleted: 0,
    filesVerified: 0,
    filesToVerify: 0,
  };

  constructor(plan: RestorePlan, options: RestoreOptions, problems: RestoreProblem[]) {
    this.#plan = plan;
    this.#options = options;
    this.#problems = problems;
  }

  /** Counts an entry as to be done. */
  add(number: number): void {
    this.#figures.totalFiles += 1;
    this.#figures.totalBytes += this.#plan.sizeBytes(number);
  }

  /** Counts what is to be done of a wave besides directories, after its survey. What need not be done is done now. */
  begin({ from, to }: Wave): void {
    const { state } = this.#plan.shared;
    for (let number = from; number < to; number++) {
      if (state[number] === entryState.unneeded || this.#plan.kind(number) === 'directory') continue;
      const isKept = state[number] === entryState.keep || state[number] === entryState.skip;
      if (!isKept) {
        this.add(number);
        continue;
      }
      const sizeBytes = this.#plan.sizeBytes(number);
      this.#figures.filesSkipped += 1;
      this.#figures.bytesSkipped += sizeBytes;
      this.#tell(number, 'unchanged', sizeBytes);
    }
    this.#progress();
  }

  /** Content of a file that was there already. */
  keep(number: number, bytes: number): void {
    this.#updated.add(number);
    this.#figures.bytesRestored += bytes;
  }

  wrote(bytes: number): void {
    this.#figures.bytesRestored += bytes;
    this.#progress();
  }

  /** The entry is whole, unless some of its content is known to be lost. */
  finish(number: number): void {
    const { state, damaged } = this.#plan.shared;
    if (damaged[number] !== 0 || state[number] === entryState.failed) {
      state[number] = entryState.failed;
      return;
    }
    const kind = this.#plan.kind(number);
    const wasKept = kind === 'file' && state[number] === entryState.keep;
    state[number] = entryState.done;
    if (wasKept) return;
    this.#figures.filesRestored += 1;
    if (kind === 'file') this.#tell(number, this.#updated.has(number) ? 'file-updated' : 'file-restored', this.#plan.sizeBytes(number));
    else this.#tell(number, kind === 'directory' ? 'directory-restored' : 'other-restored', 0);
  }

  fail(number: number, kind: RestoreProblem['kind'], error: CodedError, below?: Uint8Array): void {
    const { state, damaged } = this.#plan.shared;
    const path = this.#plan.path(number);
    if (kind === 'content') {
      if (state[number] === entryState.failed) return; // one problem an entry is enough
      state[number] = entryState.failed;
      damaged[number] = 1;
    }
    this.#problems.push({ path: below === undefined ? path : joinPath(path, below), kind, error });
  }

  /** The entry can be made, but not be right. */
  doubt(number: number, error: CodedError): void {
    this.#plan.shared.damaged[number] = 1;
    this.#problems.push({ path: this.#plan.path(number), kind: 'content', error });
  }

  failures(problems: readonly WorkerProblem[]): void {
    for (const { entry, kind, code, detail, below } of problems) {
      const path = below === undefined ? this.#plan.path(entry) : joinPath(this.#plan.path(entry), below);
      const what = { content: 'cannot be restored', metadata: 'has not all of its metadata', deletion: 'cannot be removed' }[kind];
      const message = `${JSON.stringify(path.toString())} ${what}: ${detail}`;
      this.fail(entry, kind, new CodedError({ code, message, hint: hintFor(detail) }), below);
    }
  }

  deleted(directory: number, below: readonly Uint8Array[]): void {
    this.#figures.filesDeleted += below.length;
    const path = this.#plan.path(directory);
    for (const each of below) this.#options.onItem?.({ action: 'deleted', path: joinPath(path, each), sizeBytes: 0 });
    this.#progress();
  }

  toVerify(count: number): void {
    this.#figures.filesToVerify = count;
  }

  verified(count: number): void {
    this.#figures.filesVerified += count;
    this.#progress();
  }

  /** Closes the books. An entry of which nobody knows how it ended is a defect, and the restore no success. */
  report(entryCount: number): RestoreReport {
    const { state } = this.#plan.shared;
    for (let number = 1; number < entryCount; number++) {
      const at = state[number];
      if (at === entryState.unneeded || at === entryState.skip || at === entryState.failed || at === entryState.done) continue;
      throw new CodedError({
        code: 'internal',
        message: `The restore ended without having dealt with ${JSON.stringify(this.#plan.path(number).toString())}`,
        hint: 'Restore again, and report this defect.',
      });
    }
    return { ...this.#figures, problems: this.#problems };
  }

  #tell(number: number, action: ItemAction, sizeBytes: number): void {
    this.#options.onItem?.({ action, path: this.#plan.path(number), sizeBytes });
  }

  #progress(): void {
    this.#options.onProgress?.({ ...this.#figures });
  }
}

function joinPath(path: Buffer, below: Uint8Array): Buffer {
  return path.byteLength === 0 ? Buffer.from(below) : Buffer.concat([path, Buffer.from('/'), below]);
}

function hintFor(detail: string): string {
  if (/E(ACCES|PERM)$/.test(detail)) return 'Restore as a user who may do this, or to another place.';
  if (/ENOTEMPTY$/.test(detail)) return 'A directory with something in it is in the way. Remove it, or restore with deletion.';
  if (/E(LOOP|NOTDIR)$/.test(detail)) return 'Something took the place of a directory while the restore ran. Restore again.';
  return 'See what is wrong at that place of the target and restore again.';
}
