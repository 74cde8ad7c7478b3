import { Repository, type RepositoryLock } from '@holdfast/engine';
import { openStorage, repositoryLocation } from './open-storage.ts';
import { type PasswordSources, readPassword } from './read-password.ts';
import { type RunContext, usageError } from './run-context.ts';

/** Opens the repository of the options. */
export async function openRepository(
  context: RunContext,
  location = repositoryLocation(context),
  sources: PasswordSources = context.flags,
): Promise<Repository> {
  const storage = openStorage(location, context);
  const password = await readPassword(sources, { variable: 'PASSWORD', prompt: `password for ${location}: ` });
  return Repository.open({ storage, password, keyHint: context.flags.keyHint, signal: context.signal });
}

export type LockKind = 'shared' | 'exclusive';

/** A repository under its lock. `signal` aborts with the user's wish to stop, and when the lock is lost. */
export interface LockedRepository extends AsyncDisposable {
  readonly repository: Repository;
  /** Undefined with --no-lock. */
  readonly lock: RepositoryLock | undefined;
  readonly signal: AbortSignal;
}

/** Locks the repository; with `index`, loads its index too. */
export async function lockRepository(
  context: RunContext,
  repository: Repository,
  kind: LockKind,
  options: { readonly index: boolean; readonly writes?: boolean },
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
  const lock = await (options.index ? repository.lockAndLoadIndex(lockOptions) : repository.lock(lockOptions));
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

/** Opens and locks the repository of the options. */
export async function openLocked(
  context: RunContext,
  kind: LockKind,
  options: { readonly index: boolean; readonly writes?: boolean },
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
