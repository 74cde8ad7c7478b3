import type { RepositoryAccess } from '@holdfast/contract';
import type { Repository, RepositoryLock } from '@holdfast/engine';
import { openVault } from '../vault/open-vault.ts';
import type { RunContext } from './run-context.ts';

/** A repository under its lock. */
export interface LockedVault extends AsyncDisposable {
  readonly access: RepositoryAccess;
  readonly name: string;
  readonly description: string;
  readonly repository: Repository;
  readonly lock: RepositoryLock;
  /** Aborts with the run, and when the lock is lost. */
  readonly signal: AbortSignal;
}

/**
 * Opens the repository of a storage server and locks it, waiting some minutes for locks of others (`repository-locked` after that). With
 * `index`, loads its index too.
 */
export async function openLocked(
  access: RepositoryAccess,
  context: RunContext,
  how: { readonly exclusive: boolean; readonly index: boolean },
): Promise<LockedVault> {
  const { signal, clock, teller } = context;
  await using stack = new AsyncDisposableStack();
  const vault = stack.use(
    await openVault(access, {
      signal,
      clock,
      retryMs: context.storageRetryMs,
      openStorage: context.openStorage,
      onRetry: (text) => teller.log('warning', `${access.name}: ${text}`),
    }),
  );
  const { repository } = vault;
  const lockOptions = {
    exclusive: how.exclusive,
    retryMs: context.lockWaitMs,
    signal,
    onWait: (holder: string) => teller.log('info', `${holder}; waiting for it`),
  };
  const lock = stack.use(how.index ? await repository.lockAndLoadIndex(lockOptions) : await repository.lock(lockOptions));
  const opened = stack.move();
  return {
    access,
    name: vault.name,
    description: vault.description,
    repository,
    lock,
    signal: AbortSignal.any([signal, lock.signal]),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
