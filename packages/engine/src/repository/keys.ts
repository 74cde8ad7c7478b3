import { hostname } from 'node:os';
import { type Clock, CodedError, type RandomSource, type Secret, toHex } from '@holdfast/kernel';
import { bytesBody, type CallOptions, type FileInfo, type Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../crypto/master-key.ts';
import type { ScryptParameters } from '../crypto/scrypt.ts';
import type { ScryptThreads } from '../crypto/scrypt-lane.ts';
import { Sealer } from '../crypto/sealer.ts';
import { sha256 } from '../crypto/sha256.ts';
import { decodeKeyFile, decodeMasterKey, encodeKeyFile, encodeMasterKey, type KeyFile } from '../format/key-file.ts';
import { currentUser } from '../posix/current-user.ts';
import { calibrateScrypt, deriveUserKey, saltBytes } from './key-derivation.ts';

/** restic tries no more. Each try costs half a second. */
const maxKeysTried = 20;

export interface OpenedKey {
  readonly masterKey: MasterKey;
  readonly keyId: string;
}

export interface CreateKeyOptions extends CallOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly username?: string | undefined;
  readonly hostname?: string | undefined;
  readonly scrypt?: ScryptParameters | undefined;
}

export interface FindKeyOptions extends CallOptions {
  readonly keyHint?: string | undefined;
  readonly scryptThreads?: ScryptThreads | undefined;
}

/** The first key that the password opens, the hinted one first. `wrong-password` if none does. A damaged key file is passed over only if another opens. */
export async function findKey(storage: Storage, password: Secret, options: FindKeyOptions): Promise<OpenedKey> {
  const files = await Array.fromAsync(storage.list('key', options));
  const hint = options.keyHint;
  const rank = (file: FileInfo): number => (hint !== undefined && hint !== '' && file.name.startsWith(hint) ? 0 : 1);
  files.sort((a, b) => rank(a) - rank(b));
  let damage: CodedError | undefined;
  for (const { name } of files.slice(0, maxKeysTried)) {
    try {
      const masterKey = await openKey(storage, name, password, options);
      if (masterKey !== undefined) return { masterKey, keyId: name };
    } catch (error) {
      if (!CodedError.is(error, 'format-invalid') && !CodedError.is(error, 'file-damaged')) throw error;
      damage ??= error;
    }
  }
  if (damage !== undefined) throw damage;
  throw new CodedError({
    code: 'wrong-password',
    message:
      files.length === 0
        ? `The repository at ${storage.properties.description} has no key files`
        : `The password opens none of the ${files.length} keys of the repository at ${storage.properties.description}`,
    hint:
      files.length === 0
        ? 'Bring the folder keys back from a copy of the repository.'
        : 'Check the password, and that it is the one of this repository.',
  });
}

/** Stores the master key wrapped with the password and returns the key's name. */
export async function createKey(storage: Storage, masterKey: MasterKey, password: Secret, options: CreateKeyOptions): Promise<string> {
  const { clock, random } = options;
  const parameters = options.scrypt ?? (await calibrateScrypt(clock, random, password));
  const salt = random.bytes(saltBytes);
  const userKey = await deriveUserKey(password, salt, parameters);
  const file = encodeKeyFile({
    createdNs: clock.nowNs(),
    username: options.username ?? currentUser().username,
    hostname: options.hostname ?? hostname(),
    ...parameters,
    salt,
    data: new Sealer(userKey).seal(encodeMasterKey(masterKey)),
  });
  const name = toHex(sha256(file));
  await storage.save({ type: 'key', name }, bytesBody(file), options);
  return name;
}

/** A key file by its name, verified against it. */
export async function loadKeyFile(storage: Storage, name: string, options: CallOptions): Promise<KeyFile> {
  const bytes = await storage.load({ type: 'key', name }, undefined, options);
  if (toHex(sha256(bytes)) !== name) throw damagedKey(name);
  return decodeKeyFile(bytes);
}

async function openKey(storage: Storage, name: string, password: Secret, options: FindKeyOptions): Promise<MasterKey | undefined> {
  const file = await loadKeyFile(storage, name, options);
  const userKey = await deriveUserKey(password, file.salt, file, options.scryptThreads);
  let opened: Uint8Array;
  try {
    opened = new Sealer(userKey).open(file.data);
  } catch (error) {
    if (CodedError.is(error, 'file-damaged')) return undefined; // another password's key
    throw error;
  }
  return decodeMasterKey(opened);
}

function damagedKey(name: string): CodedError {
  return new CodedError({
    code: 'file-damaged',
    message: `The key file ${name} is damaged`,
    hint: 'Bring the file back from a copy of the repository, or use the password of another key.',
    context: { name },
  });
}
