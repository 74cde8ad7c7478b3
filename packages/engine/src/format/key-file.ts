import { z } from 'zod';
import type { MasterKey } from '../crypto/master-key.ts';
import { goJsonString } from './go-json-string.ts';
import { LocalTimeFormatter } from './go-time.ts';
import { base64Form, parseJson } from './parse-json.ts';

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

const form = z
  .object({
    created: z.string(),
    username: z.string().default(''),
    hostname: z.string().default(''),
    kdf: z.literal('scrypt'),
    N: z
      .number()
      .int()
      .min(2)
      .max(2 ** 30),
    r: z
      .number()
      .int()
      .min(1)
      .max(2 ** 20),
    p: z
      .number()
      .int()
      .min(1)
      .max(2 ** 20),
    salt: base64Form(64),
    data: base64Form(),
  })
  .refine(({ N }) => (N & (N - 1)) === 0, { path: ['N'], message: 'must be a power of two' })
  .refine(({ N, r, p }) => 128 * N * r <= memoryLimitBytes && 128 * N * r * p <= workLimit, {
    path: ['N'],
    message: 'asks for more than scrypt may take',
  });

const masterKeyForm = z.object({ mac: z.object({ k: base64Form(16), r: base64Form(16) }), encrypt: base64Form(32) });

export function encodeKeyFile(key: Omit<KeyFile, 'created'> & { readonly createdNs: bigint }): Uint8Array {
  const created = new LocalTimeFormatter(Temporal.Now.timeZoneId()).format(key.createdNs);
  const { username, hostname, N, r, p } = key;
  const names = `"created":"${created}","username":${goJsonString(username)},"hostname":${goJsonString(hostname)}`;
  return Buffer.from(`{${names},"kdf":"scrypt","N":${N},"r":${r},"p":${p},"salt":"${base64(key.salt)}","data":"${base64(key.data)}"}`);
}

export function decodeKeyFile(bytes: Uint8Array): KeyFile {
  const { created, username, hostname, N, r, p, salt, data } = parseJson(bytes, form, 'key file');
  return { created, username, hostname, N, r, p, salt, data };
}

export function encodeMasterKey({ encrypt, macK, macR }: MasterKey): Uint8Array {
  return Buffer.from(`{"mac":{"k":"${base64(macK)}","r":"${base64(macR)}"},"encrypt":"${base64(encrypt)}"}`);
}

export function decodeMasterKey(bytes: Uint8Array): MasterKey {
  const { mac, encrypt } = parseJson(bytes, masterKeyForm, 'master key');
  return { encrypt, macK: mac.k, macR: mac.r };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
