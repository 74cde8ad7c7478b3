import { scrypt } from 'node:crypto';
import { type Clock, CodedError, type RandomSource, type Secret } from '@holdfast/kernel';
import type { MasterKey } from '../crypto/master-key.ts';

/** Parameters of scrypt as a key file holds them. */
export interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

export const saltBytes = 64;
const keyBytes = 64;
const targetMs = 500;
const memoryLimitBytes = 60_000_000;

/** The key that wraps the master key: scrypt of the password, laid out as AES key ‖ MAC k ‖ MAC r. Runs on the thread pool. */
export async function deriveUserKey(password: Secret, salt: Uint8Array, { N, r, p }: ScryptParameters): Promise<MasterKey> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const maxmem = 128 * N * r + 128 * r * p + (1 << 20);
  scrypt(password.reveal(), salt, keyBytes, { N, r, p, maxmem }, (error, key) => {
    if (error) {
      reject(new CodedError({ code: 'format-invalid', message: 'A key file has scrypt parameters that cannot be used', cause: error }));
    } else resolve(key);
  });
  const key = await promise;
  return { encrypt: key.subarray(0, 32), macK: key.subarray(32, 48), macR: key.subarray(48, 64) };
}

/** Parameters that take about half a second and at most 60 MB here, as restic calibrates them: largest N that fits, then p by time. */
export async function calibrateScrypt(clock: Clock, random: RandomSource, password: Secret): Promise<ScryptParameters> {
  const r = 8;
  let N = 1 << 14;
  while (128 * N * 2 * r <= memoryLimitBytes) N *= 2;
  const startNs = clock.nowNs();
  await deriveUserKey(password, random.bytes(saltBytes), { N, r, p: 1 });
  const onceMs = Math.max(Number(clock.nowNs() - startNs) / 1e6, 1);
  return { N, r, p: Math.min(64, Math.max(1, Math.floor(targetMs / onceMs))) };
}
