import { CodedError, type Secret } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';

/** What the management of keys needs of a repository. */
export interface KeyRepository {
  readonly storage: Storage;
  /** The key in use. */
  readonly keyId: string;
  addKey(password: Secret, options?: CallOptions & { readonly username?: string; readonly hostname?: string }): Promise<string>;
}

/** The name of the one key whose name begins so. */
export async function findKeyName(repository: KeyRepository, prefix: string, options: CallOptions = {}): Promise<string> {
  const names: string[] = [];
  for await (const { name } of repository.storage.list('key', options)) if (prefix !== '' && name.startsWith(prefix)) names.push(name);
  if (names.length === 1 && names[0] !== undefined) return names[0];
  throw new CodedError({
    code: 'invalid-argument',
    message: names.length === 0 ? `There is no key ${JSON.stringify(prefix)}` : `Several keys begin with ${JSON.stringify(prefix)}`,
    hint: 'See with key list what there is.',
  });
}

/** Removes a key. The one in use stays: whoever removes it might lock himself out. The caller holds an exclusive lock. */
export async function removeKey(repository: KeyRepository, prefix: string, options: CallOptions = {}): Promise<string> {
  const name = await findKeyName(repository, prefix, options);
  if (name === repository.keyId) {
    throw new CodedError({
      code: 'invalid-argument',
      message: 'The key in use cannot be removed',
      hint: 'Open the repository with another password, or change this one with key passwd.',
    });
  }
  await repository.storage.remove({ type: 'key', name }, options);
  return name;
}

/**
 * Changes the password in use: adds a key for the new one, has `verify` open the repository with it, and only then removes the old key.
 * The caller holds an exclusive lock.
 */
export async function changePassword(
  repository: KeyRepository,
  password: Secret,
  verify: (keyId: string) => Promise<void>,
  options: CallOptions = {},
): Promise<string> {
  const added = await repository.addKey(password, options);
  await verify(added);
  await repository.storage.remove({ type: 'key', name: repository.keyId }, options);
  return added;
}
