import type { RepositoryAccess } from '@holdfast/contract';
import { Repository } from '@holdfast/engine';
import { type Clock, CodedError, Secret } from '@holdfast/kernel';
import { openStorage, type StorageOpener } from './open-storage.ts';

export interface OpenVaultOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** For how long a failure of the storage that may pass is tried again. */
  readonly retryMs: number;
  readonly onRetry: (text: string) => void;
  readonly openStorage?: StorageOpener | undefined;
}

/** An open repository of a storage server. */
export interface Vault extends AsyncDisposable {
  /** What people call the storage server. */
  readonly name: string;
  /** Name and place, for messages; no secrets. */
  readonly description: string;
  readonly repository: Repository;
}

/**
 * Opens the repository of a storage server, and makes nothing. `repository-missing` if there is none at the place, `repository-replaced` if
 * it is not the one that Holdfast met there (a swapped disk, another mount), `wrong-password` if that is all that can be told of it.
 */
export async function openVault(access: RepositoryAccess, options: OpenVaultOptions): Promise<Vault> {
  const { clock, signal, retryMs, onRetry } = options;
  const storage = (options.openStorage ?? openStorage)(access.storage, { clock, retryMs, onRetry, secrets: access.secrets });
  await using stack = new AsyncDisposableStack();
  stack.use(storage);
  const repository = await Repository.open({ storage, password: new Secret(access.password), clock, signal });
  if (repository.id !== access.repositoryId) throw replaced(access, storage.properties.description, repository.id);
  const opened = stack.move();
  return {
    name: access.name,
    description: `${access.name} (${storage.properties.description})`,
    repository,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function replaced(access: RepositoryAccess, place: string, found: string): CodedError {
  return new CodedError({
    code: 'repository-replaced',
    message: `The repository at ${place} is not the one of the storage server ${JSON.stringify(access.name)}`,
    hint: 'Was a disk swapped, or is another directory mounted there? Bring the right one back. Nothing was changed.',
    context: { expected: access.repositoryId, found },
  });
}
