import { Secret } from '@holdfast/kernel';
import { LocalStorage } from '@holdfast/storage/local';
import { Repository } from '../../packages/engine/src/index.ts';

/** Costs a millisecond: a course of many commands is to test them, and not how long a password takes. */
const scrypt = { N: 1024, r: 1, p: 1 };

/** Makes a repository whose password is cheap to try; `polynomial` is of the one it shares its chunks with. Returns its own. */
export async function initCheaply(path: string, password: string, polynomial?: bigint): Promise<bigint> {
  const storage = new LocalStorage({ path });
  await using repository = await Repository.init({
    storage,
    password: new Secret(password),
    scrypt,
    ...(polynomial === undefined ? {} : { polynomial }),
  });
  return repository.polynomial;
}
