import { CodedError } from '@holdfast/kernel';
import { attributeFilter } from './attribute-filter.ts';
import type { EntryKind } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import { type Planned, planRestore } from './plan-restore.ts';
import { removeUnexpected } from './remove-unexpected.ts';
import { ContentRestorer } from './restore-contents.ts';
import { RestoreCrew } from './restore-crew.ts';
import type { RestoreJobResult } from './restore-job.ts';
import { RestoreLedger } from './restore-ledger.ts';
import type { RestoreOptions, RestoreReport, RestoreRepository } from './restore-options.ts';
import type { RestorePlan } from './restore-plan.ts';
import { RestoreTarget } from './target-directories.ts';

/** Entries in one job: enough that sending it costs nothing, few enough that all threads have work. */
const batchSize = 256;

/**
 * Restores a tree, or what is selected of it, into a directory. In order: directories are made, contents written and verified on the way,
 * then links and devices, then what does not belong there is removed, then the metadata of directories. What cannot be restored is in the
 * report, entry by entry, and the rest goes on; `mustBeComplete` turns that into an error. What would fail everywhere (no room, read-only,
 * storage out of reach) and cancelling end the restore at once with an error; files are then written in part, and restoring again
 * continues with them. Nothing outside of the target is touched, whatever the tree says and whoever plays with links meanwhile.
 * Needs a shared lock and the loaded index.
 */
export async function restore(repository: RestoreRepository, options: RestoreOptions): Promise<RestoreReport> {
  const { signal, dryRun = false, overwrite = 'always', includeAttributes, excludeAttributes } = options;
  if (options.include !== undefined && options.exclude !== undefined) throw contradiction('include and exclude patterns');
  if (includeAttributes !== undefined && excludeAttributes !== undefined) throw contradiction('attributes to include and to exclude');
  // declared first, closed last: the threads use its descriptor to the end
  using target = RestoreTarget.open(options.target, dryRun);
  const setup = {
    masterKey: repository.masterKey,
    overwrite,
    delete: options.delete ?? false,
    dryRun,
    sparse: options.sparse ?? false,
    includeAttributes,
    excludeAttributes,
  };
  await using crew = new RestoreCrew(setup, signal); // starts while the plan is made
  const planned = await planRestore(repository, options, attributeFilter(includeAttributes, excludeAttributes));
  const { plan } = planned;
  const ledger = new RestoreLedger(plan, options, planned.problems);
  await target.prepare(plan, ledger, signal);
  crew.brief({ plan: plan.shared, targetFd: target.fd });
  const work = new RestoreWork(repository, planned, crew, ledger, options);
  await work.survey();
  ledger.begin();
  if (dryRun) work.pretend();
  else {
    await work.contents();
    await work.entries();
  }
  if (options.delete === true) await removeUnexpected(repository, planned, target.fd, crew, ledger, options);
  if (!dryRun) {
    await work.directories();
    if (options.verify === true) await work.verify();
  }
  return ledger.report();
}

/** Throws `restore-incomplete` if anything of a restore is missing or not as it was. */
export function mustBeComplete({ problems }: RestoreReport): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new CodedError({
    code: 'restore-incomplete',
    message: `${problems.length} of the entries to restore are missing or not as they were, first ${JSON.stringify(first.path.toString())}`,
    hint: 'The report lists each of them with its reason. Everything else was restored.',
    context: { count: problems.length },
    cause: first.error,
  });
}

class RestoreWork {
  readonly #repository: RestoreRepository;
  readonly #plan: RestorePlan;
  readonly #crew: RestoreCrew;
  readonly #ledger: RestoreLedger;
  readonly #options: RestoreOptions;
  readonly #matches = new Map<number, Uint8Array>();

  constructor(repository: RestoreRepository, { plan }: Planned, crew: RestoreCrew, ledger: RestoreLedger, options: RestoreOptions) {
    this.#repository = repository;
    this.#plan = plan;
    this.#crew = crew;
    this.#ledger = ledger;
    this.#options = options;
  }

  /** Looks at what is there already, in directories that are not new. */
  async survey(): Promise<void> {
    const { state } = this.#plan.shared;
    const existing = this.#entries((number) => {
      if (state[number] !== entryState.make || this.#plan.kind(number) === 'directory') return false;
      return state[this.#plan.entry(number).directory] === entryState.keep;
    });
    await this.#crew.runBatches(
      existing,
      batchSize,
      (entries) => ({ kind: 'survey', entries }),
      (result) => {
        this.#ledger.failures(result.problems);
        for (const { entry, matches } of result.partial) this.#matches.set(entry, matches);
      },
    );
  }

  /** What a dry run reports: everything went well. */
  pretend(): void {
    const { state } = this.#plan.shared;
    for (const number of this.#entries((each) => isPending(state[each]))) {
      const isWritten = this.#plan.kind(number) === 'file' && state[number] !== entryState.keep;
      if (state[number] === entryState.update) this.#ledger.keep(number, 0);
      this.#ledger.finish(number);
      if (isWritten) this.#ledger.wrote(this.#plan.sizeBytes(number));
    }
  }

  async contents(): Promise<void> {
    const { state } = this.#plan.shared;
    for (const [number, matches] of this.#matches) {
      let kept = 0;
      this.#plan.forEachBlob(this.#plan.entry(number), (_record, place, _offset, sizeBytes) => {
        if (matches[place] === 1) kept += sizeBytes;
      });
      this.#ledger.keep(number, kept);
    }
    const files = this.#entries((number) => {
      return this.#plan.kind(number) === 'file' && (state[number] === entryState.make || state[number] === entryState.update);
    });
    const contents = new ContentRestorer({
      repository: this.#repository,
      plan: this.#plan,
      crew: this.#crew,
      ledger: this.#ledger,
      options: this.#options,
    });
    await contents.run(files, (entry, place) => this.#matches.get(entry)?.[place] !== 1);
    await this.#make(contents.unfinished);
  }

  /** Empty files and those that only need their metadata; then, so that no link is in the way before, special files and further names. */
  async entries(): Promise<void> {
    const { state, opened } = this.#plan.shared;
    const pending = (accepts: (kind: EntryKind) => boolean): Iterable<number> =>
      this.#entries((number) => isPending(state[number]) && accepts(this.#plan.kind(number)));
    await this.#make(pending((kind) => kind === 'file'));
    await this.#make(pending((kind) => kind !== 'hard-link' && kind !== 'directory'));
    for (const number of pending((kind) => kind === 'hard-link')) {
      const { leader } = this.#plan.entry(number);
      if (state[leader] !== entryState.failed) continue;
      const lost = lostWith(this.#plan.path(number), this.#plan.path(leader));
      if (opened[leader] === 0) this.#ledger.fail(number, 'content', lost);
      else this.#ledger.doubt(number, lost); // what there is of the file gets this name too
    }
    await this.#make(pending((kind) => kind === 'hard-link'));
  }

  /** Deepest first, because a mode may shut a directory to whoever restores it. */
  async directories(): Promise<void> {
    const { state } = this.#plan.shared;
    const pending = this.#entries((number) => isPending(state[number]) && this.#plan.kind(number) === 'directory');
    const directories = [...pending].reverse();
    for (let start = 0; start < directories.length; start += batchSize) {
      const entries = Uint32Array.from(directories.slice(start, start + batchSize));
      this.#take(await this.#crew.run({ kind: 'directories', entries }));
    }
  }

  async verify(): Promise<void> {
    const { state, opened } = this.#plan.shared;
    const written = [...this.#entries((number) => state[number] === entryState.done && opened[number] !== 0)];
    this.#ledger.toVerify(written.length);
    await this.#crew.runBatches(
      written,
      batchSize / 4,
      (entries) => ({ kind: 'verify', entries }),
      (result) => {
        this.#ledger.failures(result.problems);
        this.#ledger.verified(result.finished.length);
      },
    );
  }

  *#entries(accepts: (number: number) => boolean): Generator<number> {
    for (let number = 1; number < this.#plan.entryCount; number++) if (accepts(number)) yield number;
  }

  async #make(entries: Iterable<number>): Promise<void> {
    await this.#crew.runBatches(
      entries,
      batchSize,
      (batch) => ({ kind: 'entries', entries: batch }),
      (result) => this.#take(result),
    );
  }

  #take(result: RestoreJobResult): void {
    this.#ledger.failures(result.problems);
    for (const number of result.finished) this.#ledger.finish(number);
  }
}

function isPending(state: number | undefined): boolean {
  return state === entryState.make || state === entryState.update || state === entryState.keep;
}

function lostWith(path: Buffer, leader: Buffer): CodedError {
  return new CodedError({
    code: 'restore-incomplete',
    message: `${JSON.stringify(path.toString())} is not whole, since it is another name of ${JSON.stringify(leader.toString())}`,
    hint: 'See what is said of that file.',
  });
}

function contradiction(what: string): CodedError {
  return new CodedError({ code: 'invalid-argument', message: `Restore takes ${what}, but not both`, hint: 'Leave one of them out.' });
}
