import { type StorageOptions, type StorageSecrets, storagePlace } from '@holdfast/contract';
import { control, repositoryAccess } from '@holdfast/control';
import { CodedError, Secret } from '@holdfast/kernel';
import type { Services } from '../http/services.ts';
import { readablePassword } from './readable-password.ts';
import { placeField, thrownError } from './thrown-error.ts';

export interface RepositoryWish {
  readonly options: StorageOptions;
  readonly secrets?: StorageSecrets | undefined;
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

/** What it takes of the server. */
type Making = Pick<Services, 'control' | 'vaults' | 'clock' | 'random'>;

const verbs = control.storageServers;
type Pending = Awaited<ReturnType<typeof verbs.findPending>>;

/**
 * Makes a repository, or opens the one that is there if that is meant. The password of one that is made is in the database before, so that
 * whoever dies in between leaves nothing that nobody can open: the next one takes it over. `repository-exists` and `repository-missing` where
 * the wish and the place do not fit.
 */
export async function makeRepository(services: Making, wish: RepositoryWish, signal: AbortSignal): Promise<MadeRepository> {
  const reader = await services.vaults.reader();
  const probe = await reader.probe(wish.options, signal, wish.secrets);
  if (probe.error !== null) throw thrownError(probe.error, placeField(wish.options));
  const pending = await verbs.findPending(services.control, wish.options);
  if (wish.adopt) {
    const password = wish.password === undefined ? pending?.password : new Secret(wish.password);
    if (password === undefined) {
      throw new CodedError({
        code: 'invalid-argument',
        message: 'The password of the repository is needed',
        context: { field: 'password' },
      });
    }
    return { repositoryId: await reader.adopt(wish.options, password, signal, wish.secrets), password, undo: async () => undefined };
  }
  if (probe.holdsRepository) return await takeOver(services, wish, pending, signal);
  // What was begun and got no further than its key is of no use to anybody.
  if (pending !== undefined) await removeEmpty(services, wish);
  const password = new Secret(wish.password ?? readablePassword(services.random));
  const attempt = await verbs.begin(services.control, wish.options, password, pending);
  try {
    const repositoryId = await initLikeOthers(services, wish, password, signal);
    const undo = async (): Promise<void> => {
      // Another one may have taken it over by now.
      if (await verbs.dropPending(services.control, wish.options, attempt)) await removeEmpty(services, wish);
    };
    return { repositoryId, password, undo };
  } catch (error) {
    if (CodedError.is(error, 'repository-exists')) await verbs.dropPending(services.control, wish.options, attempt);
    throw error;
  }
}

/** Goes on with a repository that Holdfast itself began to make and never recorded. */
async function takeOver(services: Making, wish: RepositoryWish, pending: Pending, signal: AbortSignal): Promise<MadeRepository> {
  const exists = new CodedError({
    code: 'repository-exists',
    message: `There is a repository at ${storagePlace(wish.options)} already`,
    hint:
      pending === undefined
        ? 'Adopt it with its password, or choose another directory.'
        : 'Holdfast began to make it and knows its password: leave the password empty. Or choose another directory.',
    context: { field: 'adopt' },
  });
  if (pending === undefined || (wish.password !== undefined && wish.password !== pending.password.reveal())) throw exists;
  const { password } = pending;
  const reader = await services.vaults.reader();
  const repositoryId = await reader.adopt(wish.options, password, signal, wish.secrets).catch((error: unknown) => {
    throw CodedError.is(error, 'wrong-password') ? exists : error;
  });
  await verbs.begin(services.control, wish.options, password, pending);
  return { repositoryId, password, undo: async () => undefined };
}

/** Cuts files as the storage servers that are there do, so that one run deduplicates alike on all; one that cannot be asked is no reason to fail. */
async function initLikeOthers(
  { control: context, vaults }: Making,
  { options, secrets }: RepositoryWish,
  password: Secret,
  signal: AbortSignal,
): Promise<string> {
  const reader = await vaults.reader();
  const other = await context.database.tables.selectFrom('storage_server').select('id').orderBy('id').limit(1).executeTakeFirst();
  if (other !== undefined) {
    try {
      return await reader.init(options, password, signal, { like: await repositoryAccess(context, other.id), secrets });
    } catch (error) {
      if (!CodedError.is(error) || error.code === 'repository-exists') throw error;
    }
  }
  return await reader.init(options, password, signal, { secrets });
}

/** Whoever asked may be gone by now: this goes on all the same. Nothing that holds anything is touched. */
async function removeEmpty({ clock }: Pick<Services, 'clock'>, { options, secrets }: RepositoryWish): Promise<void> {
  const { openStorage } = await import('@holdfast/runner');
  await using storage = openStorage(options, { clock, retryMs: 0, onRetry: () => undefined, secrets });
  for (const type of ['snapshot', 'data', 'index'] as const) for await (const _ of storage.list(type)) return;
  try {
    await storage.remove({ type: 'config', name: 'config' });
  } catch (error) {
    if (!CodedError.is(error, 'storage-not-found')) throw error;
  }
  for await (const key of storage.list('key')) await storage.remove(key);
}
