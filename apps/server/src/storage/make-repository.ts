import type { StorageOptions } from '@holdfast/contract';
import { repositoryAccess } from '@holdfast/control';
import { CodedError, Secret } from '@holdfast/kernel';
import type { Services } from '../http/services.ts';
import { readablePassword } from './readable-password.ts';
import { thrownError } from './thrown-error.ts';

export interface RepositoryWish {
  readonly options: StorageOptions;
  readonly password?: string | undefined;
  readonly adopt: boolean;
}

/** A repository at the place that was asked for. */
export interface MadeRepository {
  readonly repositoryId: string;
  readonly password: Secret;
  /** Takes a repository away again that was made just now and holds nothing. Does nothing to one that was adopted. */
  undo(): Promise<void>;
}

/**
 * Makes a repository, or opens the one that is there if that is meant. `repository-exists` and `repository-missing` where the wish and the place
 * do not fit.
 */
export async function makeRepository(services: Services, wish: RepositoryWish, signal: AbortSignal): Promise<MadeRepository> {
  const reader = await services.vaults.reader();
  const probe = await reader.probe(wish.options, signal);
  if (probe.error !== null) throw thrownError(probe.error, 'options.path');
  if (wish.adopt) {
    if (wish.password === undefined) {
      throw new CodedError({
        code: 'invalid-argument',
        message: 'The password of the repository is needed',
        context: { field: 'password' },
      });
    }
    const password = new Secret(wish.password);
    return { repositoryId: await reader.adopt(wish.options, password, signal), password, undo: async () => undefined };
  }
  if (probe.holdsRepository) {
    throw new CodedError({
      code: 'repository-exists',
      message: `There is a repository at ${wish.options.path} already`,
      hint: 'Adopt it with its password, or choose another directory.',
      context: { field: 'adopt' },
    });
  }
  const password = new Secret(wish.password ?? readablePassword(services.random));
  const repositoryId = await initLikeOthers(services, wish.options, password, signal);
  return { repositoryId, password, undo: async () => await removeEmpty(services, wish.options) };
}

/** Cuts files as the storage servers that are there do, so that one run deduplicates alike on all; one that cannot be asked is no reason to fail. */
async function initLikeOthers(
  { control, vaults }: Services,
  options: StorageOptions,
  password: Secret,
  signal: AbortSignal,
): Promise<string> {
  const reader = await vaults.reader();
  const other = await control.database.tables.selectFrom('storage_server').select('id').orderBy('id').limit(1).executeTakeFirst();
  if (other !== undefined) {
    try {
      return await reader.init(options, password, signal, await repositoryAccess(control, other.id));
    } catch (error) {
      if (!CodedError.is(error) || error.code === 'repository-exists') throw error;
    }
  }
  return await reader.init(options, password, signal);
}

/** Whoever asked may be gone by now: this goes on all the same. */
async function removeEmpty({ clock }: Services, options: StorageOptions): Promise<void> {
  const { openStorage } = await import('@holdfast/runner');
  await using storage = openStorage(options, { clock, retryMs: 0, onRetry: () => undefined });
  for (const type of ['snapshot', 'data', 'index'] as const) for await (const _ of storage.list(type)) return;
  await storage.remove({ type: 'config', name: 'config' });
  for await (const key of storage.list('key')) await storage.remove(key);
}
