import { CodedError, type RandomSource, Secret } from '@holdfast/kernel';
import type { Database, Tables } from '../database/database.ts';
import { MasterKey } from './master-key.ts';
import { createMasterKeyFile, masterKeyPath, readMasterKeyFile } from './master-key-file.ts';
import { MasterKeySealer, sealingKeyId } from './master-key-sealer.ts';
import type { SecretPlace } from './secret-sealer.ts';

const canaryPlace: SecretPlace = { table: 'setting', id: 'master-key-canary', column: 'value' };
const canaryText = 'Holdfast';

export interface MasterKeyPlaces {
  readonly database: Database;
  readonly dataDirectory: string;
  /** `HOLDFAST_MASTER_KEY` comes before the file `master.key` of the data directory. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly random: RandomSource;
}

/**
 * The sealer for this database, whose key is proven to be the right one: it opens what was sealed at the first start. Makes a key file if
 * there is no key and nothing is sealed. `master-key-wrong`, naming the key that is wanted, if there is none or another one; a new key never
 * takes the place of one that something is sealed with.
 */
export async function loadMasterKey({ database, dataDirectory, environment, random }: MasterKeyPlaces): Promise<MasterKeySealer> {
  const wantedId = await wantedKeyId(database.tables);
  const key = await findKey(dataDirectory, environment);
  if (key === undefined && wantedId !== undefined) throw wrongKey(wantedId, 'there is none');
  const usedKey = key ?? (await createMasterKeyFile(masterKeyPath(dataDirectory), random));
  if (wantedId !== undefined && wantedId !== usedKey.id) throw wrongKey(wantedId, `this is ${usedKey.id}`);
  const sealer = new MasterKeySealer(usedKey, random);
  const canary = await database.transaction(async (tables) => {
    await tables
      .insertInto('setting')
      .values({ key: canaryPlace.id, value: sealer.seal(new Secret(canaryText), canaryPlace) })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
    return await readCanary(tables);
  });
  // Another server may have been the first, with another key.
  const canaryId = sealingKeyId(canary ?? '') ?? 'unknown';
  if (canary === undefined || canaryId !== usedKey.id) throw wrongKey(canaryId, `this is ${usedKey.id}`);
  if (sealer.open(canary, canaryPlace).reveal() !== canaryText) throw wrongKey(canaryId, 'it opens something else');
  return sealer;
}

async function findKey(dataDirectory: string, environment: MasterKeyPlaces['environment']): Promise<MasterKey | undefined> {
  const given = environment['HOLDFAST_MASTER_KEY'];
  if (given !== undefined && given !== '') return MasterKey.parse(given, 'HOLDFAST_MASTER_KEY');
  return await readMasterKeyFile(masterKeyPath(dataDirectory));
}

/** The id of the key that something in the database is sealed with. */
async function wantedKeyId(tables: Tables): Promise<string | undefined> {
  const canary = await readCanary(tables);
  const sealed = canary ?? (await tables.selectFrom('storage_server').select('password').limit(1).executeTakeFirst())?.password;
  return sealed === undefined ? undefined : (sealingKeyId(sealed) ?? 'unknown');
}

async function readCanary(tables: Tables): Promise<string | undefined> {
  return (await tables.selectFrom('setting').select('value').where('key', '=', canaryPlace.id).executeTakeFirst())?.value;
}

function wrongKey(wantedId: string, instead: string): CodedError {
  return new CodedError({
    code: 'master-key-wrong',
    message: `The secrets in the database need the master key ${wantedId}, and ${instead}`,
    hint: 'Put that key into HOLDFAST_MASTER_KEY, or the file master.key back into the data directory. Nothing was changed.',
  });
}
