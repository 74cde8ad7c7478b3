import { type Clock, CodedError, type RandomSource, type Secret } from '@holdfast/kernel';
import type { MasterKey } from '../crypto/master-key.ts';
import { type ScryptParameters, scrypt, scryptByOpenssl } from '../crypto/scrypt.ts';
import type { ScryptThreads } from '../crypto/scrypt-lane.ts';

export const saltBytes = 64;
const keyBytes = 64;
const targetMs = 500;
const memoryLimitBytes = 60_000_000;

/** The key that wraps the master key: scrypt of the password, laid out as AES key ‖ MAC k ‖ MAC r. Never on this thread. */
export async function deriveUserKey(
  password: Secret,
  salt: Uint8Array,
  parameters: ScryptParameters,
  threads?: ScryptThreads,
): Promise<MasterKey> {
  const key = await derive(scrypt, password, salt, parameters, threads);
  return { encrypt: key.subarray(0, 32), macK: key.subarray(32, 48), macR: key.subarray(48, 64) };
}

async function derive(
  by: typeof scrypt,
  password: Secret,
  salt: Uint8Array,
  parameters: ScryptParameters,
  threads?: ScryptThreads,
): Promise<Uint8Array> {
  try {
    return await by(password.reveal(), salt, keyBytes, parameters, threads);
  } catch (cause) {
    throw new CodedError({ code: 'format-invalid', message: 'A key file has scrypt parameters that cannot be used', cause });
  }
}

/**
 * Parameters that take an ordinary program about half a second and at most 60 MB here, as restic calibrates them: largest N that fits, then
 * p by time. Measured with OpenSSL: that Holdfast is faster must not change how strong the keys are. What the first lane costs more than
 * the next ones is the system's price of fresh memory, which says nothing of the work that a guess takes.
 */
export async function calibrateScrypt(clock: Clock, random: RandomSource, password: Secret): Promise<ScryptParameters> {
  const r = 8;
  let N = 1 << 14;
  while (128 * N * 2 * r <= memoryLimitBytes) N *= 2;
  const timeMs = async (p: number): Promise<number> => {
    const startNs = clock.nowNs();
    await derive(scryptByOpenssl, password, random.bytes(saltBytes), { N, r, p });
    return Number(clock.nowNs() - startNs) / 1e6;
  };
  const firstMs = await timeMs(1);
  const laneMs = Math.max((await timeMs(2)) - firstMs, firstMs / 4, 1);
  return { N, r, p: Math.min(64, Math.max(1, 1 + Math.floor((targetMs - firstMs) / laneMs))) };
}
