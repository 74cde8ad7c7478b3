import { CodedError } from '@holdfast/kernel';
import { attributeFilter } from './attribute-filter.ts';
import { ContentQueue, type PackRange } from './content-queue.ts';
import type { EntryKind } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import { RestorePlanner, type Wave } from './plan-restore.ts';
import { removeUnexpected } from './remove-unexpected.ts';
import { ContentRestorer } from './restore-contents.ts';
import { RestoreCrew } from './restore-crew.ts';
import type { RestoreJobResult } from './restore-job.ts';
import { RestoreLedger } from './restore-ledger.ts';
import type { RestoreOptions, RestoreProblem, RestoreReport, RestoreRepository } from './restore-options.ts';
import type { RestorePlan } from './restore-plan.ts';
import { RestoreTarget } from './target-directories.ts';

/** Entries in one job: enough that sending it costs nothing, few enough that all threads have work. */
const batchSize = 256;

/**
 * Restores a tree, or what is selected of it, into a directory. Waves of entries are planned, their directories made, their contents written and
 * verified on the way; then links and devices, then what does not belong there is removed, then the metadata of directories. What cannot be restored is in the
 * report, entry by entry, and the rest goes on; `mustBeComplete` turns that into an error. What would fail everywhere (no room, read-only,
 * storage out of reach) and cancelling end the restore at once with an error; files are then written in part, and restoring again
 * continues with them. Nothing outside of the target is touched, whatever the tree says and whoever plays with links meanwhile.
 * Needs a shared lock and the loaded index.
 */
export async function restore(repository: RestoreRepository, options: RestoreOptions): Promise<RestoreReport> {
  const { dryRun = false, overwrite = 'always', includeAttributes, excludeAttributes } = options;
  if (options.include !== undefined && options.exclude !== undefined) throw contradiction('include and exclude patterns');
  if (includeAttributes !== undefined && excludeAttributes !== undefined) throw contradiction('attributes to include and to exclude');
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const problems: RestoreProblem[] = [];
  const selectsAttribute = attributeFilter(includeAttributes, excludeAttributes);
  const planner = new RestorePlanner(repository, options, selectsAttribute, (problem) => problems.push(problem));
  const { plan } = planner;
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
  await using crew = new RestoreCrew(setup, plan, target.fd, signal); // starts while the first wave is planned
  const ledger = new RestoreLedger(plan, options, problems);
  const work = new RestoreWork({ repository, planner, target, crew, ledger, signal, onFailure: (error) => stop.abort(error) });
  try {
    if (dryRun) await work.pretend();
    else {
      await work.contents();
      await work.entries();
    }
    if (options.delete === true) await removeUnexpected(repository, planner, target.fd, crew, ledger, options, signal);
    if (!dryRun) {
      await work.directories();
      if (options.verify === true) await work.verify();
    }
  } catch (error) {
    stop.abort(error); // whatever else is under way has no use any more
    throw error;
  }
  return ledger.report(planner.entryCount);
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

interface WorkParts {
  readonly repository: RestoreRepository;
  readonly planner: RestorePlanner;
  readonly target: RestoreTarget;
  readonly crew: RestoreCrew;
  readonly ledger: RestoreLedger;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

class RestoreWork {
  readonly #parts: WorkParts;
  readonly #plan: RestorePlan;
  readonly #crew: RestoreCrew;
  readonly #ledger: RestoreLedger;
  /** Per file that is to be updated, which of its blobs are there already. */
  readonly #matches = new Map<number, Uint8Array>();

  constructor(parts: WorkParts) {
    this.#parts = parts;
    this.#plan = parts.planner.plan;
    this.#crew = parts.crew;
    this.#ledger = parts.ledger;
  }

  /** What a dry run reports: everything went well. */
  async pretend(): Promise<void> {
    for await (const _wave of this.#preparedWaves());
    const { state } = this.#plan.shared;
    for (const number of this.#entries((each) => isPending(state[each]))) {
      const isWritten = this.#plan.kind(number) === 'file' && state[number] !== entryState.keep;
      if (state[number] === entryState.update) this.#ledger.keep(number, 0);
      this.#ledger.finish(number);
      if (isWritten) this.#ledger.wrote(this.#plan.sizeBytes(number));
    }
  }

  async contents(): Promise<void> {
    const contents = new ContentRestorer({ ...this.#parts, plan: this.#plan });
    await contents.run(this.#ranges());
    await this.#make(contents.unfinished);
  }

  /** The content to load, wave by wave. While one is worked on, the next is planned. */
  async *#ranges(): AsyncGenerator<PackRange> {
    const { repository } = this.#parts;
    for await (const { from, to } of oneAhead(this.#preparedWaves())) {
      const { state } = this.#plan.shared;
      const files = this.#entries((number) => state[number] === entryState.make || state[number] === entryState.update, from, to).filter(
        (number) => this.#plan.kind(number) === 'file',
      );
      yield* new ContentQueue(this.#plan, repository.index, files, (entry, place) => this.#matches.get(entry)?.[place] !== 1).ranges();
    }
  }

  /** Plans wave by wave; what comes out has its directories made and is looked up in the target. */
  async *#preparedWaves(): AsyncGenerator<Wave> {
    const { planner, target, signal } = this.#parts;
    for await (const wave of planner.waves(signal)) {
      await target.prepare(this.#plan, wave, this.#ledger, signal);
      await this.#survey(wave);
      this.#ledger.begin(wave);
      yield wave;
    }
  }

  /** Looks at what is there already, in directories that are not new. */
  async #survey({ from, to }: Wave): Promise<void> {
    const { state } = this.#plan.shared;
    const existing = this.#entries((number) => state[number] === entryState.make, from, to).filter(
      (number) => state[this.#plan.directory(number)] === entryState.keep,
    );
    await this.#crew.runBatches(
      existing,
      batchSize,
      (entries) => ({ kind: 'survey', entries }),
      (result) => {
        this.#ledger.failures(result.problems);
        for (const { entry, matches } of result.partial) {
          let keptBytes = 0;
          this.#plan.forEachBlob(this.#plan.entry(entry), (_record, place, _offset, sizeBytes) => {
            if (matches[place] === 1) keptBytes += sizeBytes;
          });
          this.#ledger.keep(entry, keptBytes);
          this.#matches.set(entry, matches);
        }
      },
    );
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

  *#entries(accepts: (number: number) => boolean, from = 1, to = this.#parts.planner.entryCount): Generator<number> {
    for (let number = Math.max(1, from); number < to; number++) if (accepts(number)) yield number;
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

/** Asks for the next item while the one before is being used. */
async function* oneAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  const ask = (): Promise<IteratorResult<T>> => {
    const next = source.next();
    next.catch(() => undefined); // it is thrown when its turn comes
    return next;
  };
  let next = ask();
  try {
    for (let item = await next; item.done !== true; item = await next) {
      next = ask();
      yield item.value;
    }
  } finally {
    await Promise.allSettled([next]);
  }
}

function isPending(state: number | undefined): boolean {
  return state === entryState.make || state === entryState.update || state === entryState.keep || state === entryState.fresh;
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
