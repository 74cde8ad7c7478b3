import { createHash } from 'node:crypto';
import { type StorageOptions, storagePlace } from '@holdfast/contract';
import { CodedError, type Secret, toHex } from '@holdfast/kernel';
import { z } from 'zod';
import type { ControlContext } from '../control-context.ts';
import type { Database, Tables } from '../database/database.ts';
import { plainPlace } from './require-place.ts';

/**
 * A repository that is being made, written down before anything of it exists: whoever dies between the making and the recording leaves one
 * behind whose password is known here, so that the next one who makes a repository at that place takes it over.
 */
export interface PendingRepository {
  readonly password: Secret;
  /** Who makes it: another one for each try. */
  readonly attempt: string;
}

const Row = z.object({ attempt: z.string(), password: z.string() });

/** Undefined if none was begun there, or its password cannot be read any more. */
export async function findPendingRepository(context: ControlContext, options: StorageOptions): Promise<PendingRepository | undefined> {
  const key = keyOf(options);
  const row = await context.database.tables.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
  if (row === undefined) return undefined;
  const { attempt, password } = Row.parse(JSON.parse(row.value));
  try {
    return { attempt, password: context.sealer.open(password, placeOf(key)) };
  } catch (error) {
    if (CodedError.is(error, 'secret-unreadable')) return undefined;
    throw error;
  }
}

/**
 * Writes down that a repository with that password is being made there, or that the one that was begun is taken over: `found` is what stood
 * there. `conflict` if somebody else was faster. Returns the name of this try.
 */
export async function beginRepository(
  context: ControlContext,
  options: StorageOptions,
  password: Secret,
  found: PendingRepository | undefined,
): Promise<string> {
  const key = keyOf(options);
  const attempt = toHex(context.random.bytes(16));
  const value = JSON.stringify({ attempt, password: context.sealer.seal(password, placeOf(key)) });
  await context.database.transaction(async (tables) => {
    const row = await tables.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
    if (row !== undefined && found !== undefined && Row.parse(JSON.parse(row.value)).attempt !== found.attempt)
      throw begunMeanwhile(options);
    await tables
      .insertInto('setting')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
  });
  return attempt;
}

/** Forgets what was begun there, if it is still that try. True if it was: then what it made belongs to nobody else. */
export async function dropPendingRepository(
  { database }: { readonly database: Database },
  options: StorageOptions,
  attempt: string,
): Promise<boolean> {
  const key = keyOf(options);
  return await database.transaction(async (tables) => {
    const row = await tables.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
    if (row === undefined || Row.parse(JSON.parse(row.value)).attempt !== attempt) return false;
    await tables.deleteFrom('setting').where('key', '=', key).execute();
    return true;
  });
}

/** In the transaction that records the storage server: from here on the password stands there. */
export async function forgetPendingRepository(tables: Tables, options: StorageOptions): Promise<void> {
  await tables.deleteFrom('setting').where('key', '=', keyOf(options)).execute();
}

/** Without the place, which may be long and is nobody's business who sees keys of settings. */
function keyOf(options: StorageOptions): string {
  const place = JSON.stringify([options.driver, plainPlace(options)]);
  return `pending-repository:${createHash('sha256').update(place).digest('hex').slice(0, 32)}`;
}

function placeOf(key: string): { table: string; id: string; column: string } {
  return { table: 'setting', id: key, column: 'password' };
}

function begunMeanwhile(options: StorageOptions): CodedError {
  return new CodedError({
    code: 'conflict',
    message: `Somebody else is making a storage server at ${storagePlace(options)}`,
    hint: 'Load the list again in a moment.',
    context: { field: 'options' },
  });
}
