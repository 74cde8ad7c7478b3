import type { MasterKey } from '../crypto/master-key.ts';
import { goJsonString } from './go-json-string.ts';
import { LocalTimeFormatter } from './go-time.ts';
import { JsonFields } from './json-fields.ts';

/** A key file: the master key sealed with a key that scrypt derives from a password. */
export interface KeyFile {
  /** When it was made, as it stands in the file. */
  readonly created: string;
  readonly username: string;
  readonly hostname: string;
  readonly N: number;
  readonly r: number;
  readonly p: number;
  /** 64 bytes. */
  readonly salt: Uint8Array;
  readonly data: Uint8Array;
}

/** What scrypt may take: more is the work of an attacker, since opening a repository would eat the machine's memory or days of time. */
const memoryLimitBytes = 2 ** 30;
const workLimit = 2 ** 34;

export function encodeKeyFile(key: Omit<KeyFile, 'created'> & { readonly createdNs: bigint }): Uint8Array {
  const created = new LocalTimeFormatter(Temporal.Now.timeZoneId()).format(key.createdNs);
  const { username, hostname, N, r, p } = key;
  const names = `"created":"${created}","username":${goJsonString(username)},"hostname":${goJsonString(hostname)}`;
  return Buffer.from(`{${names},"kdf":"scrypt","N":${N},"r":${r},"p":${p},"salt":"${base64(key.salt)}","data":"${base64(key.data)}"}`);
}

export function decodeKeyFile(bytes: Uint8Array): KeyFile {
  const fields = JsonFields.parse(bytes, 'key file');
  const key = {
    created: fields.string('created'),
    username: fields.string('username', ''),
    hostname: fields.string('hostname', ''),
    N: fields.integer('N'),
    r: fields.integer('r'),
    p: fields.integer('p'),
    salt: fields.base64('salt', 64),
    data: fields.base64('data'),
  };
  const { N, r, p } = key;
  if (fields.string('kdf') !== 'scrypt') fields.refuse('kdf', 'must be scrypt');
  if (N < 2 || N > 2 ** 30 || (N & (N - 1)) !== 0) fields.refuse('N', 'must be a power of two up to 2^30');
  if (r < 1 || r > 2 ** 20) fields.refuse('r', 'must be from 1 to 2^20');
  if (p < 1 || p > 2 ** 20) fields.refuse('p', 'must be from 1 to 2^20');
  if (128 * N * r > memoryLimitBytes || 128 * N * r * p > workLimit) fields.refuse('N', 'asks for more than scrypt may take');
  return key;
}

export function encodeMasterKey({ encrypt, macK, macR }: MasterKey): Uint8Array {
  return Buffer.from(`{"mac":{"k":"${base64(macK)}","r":"${base64(macR)}"},"encrypt":"${base64(encrypt)}"}`);
}

export function decodeMasterKey(bytes: Uint8Array): MasterKey {
  const fields = JsonFields.parse(bytes, 'master key');
  const mac = fields.object('mac');
  return { encrypt: fields.base64('encrypt', 32), macK: mac.base64('k', 16), macR: mac.base64('r', 16) };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
