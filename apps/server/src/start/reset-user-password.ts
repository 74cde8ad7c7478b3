import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openPostgres, openSqlite } from '@holdfast/control';
import { CodedError, type Secret, systemClock, systemRandom } from '@holdfast/kernel';
import { PasswordHasher } from '../sign-in/password-hasher.ts';
import { resetPassword } from '../sign-in/reset-password.ts';
import { defaultDataDirectory } from './data-directory.ts';
import type { ServerOptions } from './server-options.ts';

/** Sets the password of an account in the database itself, whether the server runs or not. */
export async function resetUserPassword(
  places: Pick<ServerOptions, 'dataDirectory' | 'databaseUrl' | 'environment'>,
  address: string,
  password: Secret,
): Promise<void> {
  const directory = places.dataDirectory ?? defaultDataDirectory(places.environment ?? process.env, process.getuid?.() === 0);
  const file = join(directory, 'holdfast.sqlite');
  if (places.databaseUrl === undefined && !existsSync(file)) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `There is no database of Holdfast in ${directory}`,
      hint: 'Name the data directory of the server with --data or HOLDFAST_DATA.',
    });
  }
  await using database = places.databaseUrl === undefined ? await openSqlite(file) : await openPostgres(places.databaseUrl);
  await resetPassword({ database, clock: systemClock, hasher: new PasswordHasher(systemRandom) }, address, password);
}
