import { type LockOptions, type OpenOptions, Repository, type RepositoryLock } from '@holdfast/engine/repository';
import type { Secret } from '@holdfast/kernel';
import { environment } from './environment.ts';
import { openStorage, repositoryLocation } from './open-storage.ts';
import { type PasswordSources, readPassword } from './read-password.ts';
import { type RunContext, usageError } from './run-context.ts';

/** Opens the repository of the options. */
export async function openRepository(
  context: RunContext,
  location = repositoryLocation(context),
  sources: PasswordSources = context.flags,
): Promise<Repository> {
  return openWith(context, location, await askPassword(location, sources));
}

function askPassword(location: string, sources: PasswordSources): Promise<Secret> {
  return readPassword(sources, { variable: 'PASSWORD', prompt: `password for ${location}: ` });
}

function openWith(
  context: RunContext,
  location: string,
  password: Secret,
  scryptThreads?: OpenOptions['scryptThreads'],
): Promise<Repository> {
  const storage = openStorage(location, context);
  const keyHint = context.flags.keyHint ?? environment('KEY_HINT');
  return Repository.open({ storage, password, keyHint, scryptThreads, signal: context.signal });
}

export type LockKind = 'shared' | 'exclusive';

/** A repository under its lock. `signal` aborts with the user's wish to stop, and when the lock is lost. */
export interface LockedRepository extends AsyncDisposable {
  readonly repository: Repository;
  /** Undefined with --no-lock. */
  readonly lock: RepositoryLock | undefined;
  readonly signal: AbortSignal;
}

/** A place that a backup goes to: open and locked, or why it could not be. */
export interface Destination {
  readonly location: string;
  readonly place: LockedRepository | undefined;
  readonly error: unknown;
}

/**
 * Opens several repositories at once (passwords are asked for one after the other) and locks them together. One that fails leaves the
 * others alone; if none is left, the first one's error is thrown.
 */
export async function openDestinations(
  context: RunContext,
  wanted: readonly { readonly location: string; readonly sources: PasswordSources }[],
  { scryptThreads, ...options }: { readonly writes: boolean } & Pick<OpenOptions, 'scryptThreads'>,
): Promise<readonly Destination[]> {
  const opening: Promise<LockedRepository>[] = [];
  for (const { location, sources } of wanted) {
    const password = await Promise.allSettled([askPassword(location, sources)]);
    const open = async (): Promise<LockedRepository> => {
      if (password[0].status === 'rejected') throw password[0].reason;
      return lockRepository(context, await openWith(context, location, password[0].value, scryptThreads), 'shared', {
        index: true,
        early: true,
        ...options,
      });
    };
    opening.push(open());
  }
  const opened = await Promise.allSettled(opening);
  const destinations = opened.map((result, i): Destination => {
    const location = wanted[i]?.location ?? '';
    return result.status === 'fulfilled'
      ? { location, place: result.value, error: undefined }
      : { location, place: undefined, error: result.reason };
  });
  if (destinations.every(({ place }) => place === undefined)) throw destinations[0]?.error;
  return destinations;
}

/**
 * Locks the repository; with `index`, loads its index too. `early`: comes back before the lock has settled, where nobody is waited for;
 * without a word, whoever only reads, and no index, is early.
 */
export async function lockRepository(
  context: RunContext,
  repository: Repository,
  kind: LockKind,
  options: { readonly index: boolean; readonly writes?: boolean; readonly early?: boolean },
): Promise<LockedRepository> {
  const { signal } = context;
  const onProgress = (done: number, total: number): void => context.progress.update({ step: 'load index', done, total });
  if (context.flags.lock === false) {
    if (options.writes === true || kind === 'exclusive')
      throw usageError('--no-lock is only for commands that write nothing', 'Leave it out.');
    if (options.index) await repository.loadIndex({ signal, onProgress });
    return { repository, lock: undefined, signal, [Symbol.asyncDispose]: () => repository[Symbol.asyncDispose]() };
  }
  const onWait = (holder: string): void => context.warn(`${holder}; waiting`);
  const lockOptions = { exclusive: kind === 'exclusive', retryMs: retryMs(context.flags.retryLock), onWait, signal };
  const lock = await takeLock(repository, lockOptions, options);
  return {
    repository,
    lock,
    signal: AbortSignal.any([signal, lock.signal]),
    [Symbol.asyncDispose]: async () => {
      await lock[Symbol.asyncDispose]();
      await repository[Symbol.asyncDispose]();
    },
  };
}

function takeLock(
  repository: Repository,
  options: LockOptions,
  how: { readonly index: boolean; readonly writes?: boolean; readonly early?: boolean },
): Promise<RepositoryLock> {
  const early = options.retryMs === 0 && (how.early ?? (!how.index && !options.exclusive && how.writes !== true));
  if (how.index) return early ? repository.lockAndLoadIndexEarly(options) : repository.lockAndLoadIndex(options);
  return early ? repository.lockEarly(options) : repository.lock(options);
}

/** Opens and locks the repository of the options. */
export async function openLocked(
  context: RunContext,
  kind: LockKind,
  options: { readonly index: boolean; readonly writes?: boolean; readonly early?: boolean },
): Promise<LockedRepository> {
  return lockRepository(context, await openRepository(context), kind, options);
}

function retryMs(text: string | undefined): number {
  if (text === undefined) return 0;
  const match = /^(\d+)(s|m|h)$/.exec(text.trim());
  if (match === null)
    throw usageError(`--retry-lock: ${JSON.stringify(text)} is not a duration`, 'Write seconds, minutes or hours: 30s, 5m, 1h.');
  return Number(match[1]) * { s: 1000, m: 60_000, h: 3_600_000 }[match[2] as 's' | 'm' | 'h'];
}
