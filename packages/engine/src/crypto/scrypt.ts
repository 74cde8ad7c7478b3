import { scrypt as opensslScrypt, pbkdf2 } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { WorkerPool } from '../workers/worker-pool.ts';
import type { ScryptLane, ScryptThreads } from './scrypt-lane.ts';

/** Parameters of scrypt as a key file holds them. */
export interface ScryptParameters {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

class OwnThreads extends WorkerPool<ScryptLane, Uint8Array> implements ScryptThreads {
  constructor(size: number) {
    super(new URL('./scrypt-worker.ts', import.meta.url), size, undefined);
  }

  mixLane(lane: ScryptLane): Promise<Uint8Array> {
    return this.run(lane);
  }
}

/** Less work is done before a thread has started. */
const leastBlocks = 1 << 16;
/** More memory is not asked for: a key that wants it is left to OpenSSL, which takes as much. */
const mostTableBytes = 256 << 20;
const mostThreads = 4;

const deriveBits = promisify(pbkdf2);

/**
 * scrypt (RFC 7914), its p lanes on several threads and each with vector instructions, neither of which OpenSSL does: on two processors
 * a key opens in a third of the time, which is most of what a short command takes. The result is the same; what is unusual is left to
 * OpenSSL, also what is wrong. Rejects with Node's error then. `threads`: default are some of its own, which take a while to start.
 */
export async function scrypt(
  password: string,
  salt: Uint8Array,
  keyBytes: number,
  parameters: ScryptParameters,
  threads?: ScryptThreads,
): Promise<Uint8Array> {
  const { N, r, p } = parameters;
  const isUsual = Number.isSafeInteger(N * r * p) && N > 1 && N <= 1 << 30 && (N & (N - 1)) === 0 && r > 0 && p > 0;
  if (!isUsual || N * r * p < leastBlocks || 128 * N * r > mostTableBytes) return scryptByOpenssl(password, salt, keyBytes, parameters);
  const blockBytes = 128 * r;
  const blocks = await deriveBits(password, salt, 1, p * blockBytes, 'sha256');
  const module = new WebAssembly.Module(readFileSync(new URL('./scrypt.wasm', import.meta.url)));
  await using own = threads === undefined ? new OwnThreads(Math.min(p, availableParallelism(), mostThreads)) : undefined;
  const mixing = threads ?? own;
  const lanes = Array.from({ length: p }, async (_, lane) => {
    const block = blocks.subarray(lane * blockBytes, (lane + 1) * blockBytes);
    const mixed = await mixing?.mixLane({ module, block, N, r });
    if (mixed !== undefined) block.set(mixed);
  });
  await Promise.all(lanes);
  return deriveBits(password, blocks, 1, keyBytes, 'sha256');
}

/** The same by OpenSSL, on one thread. */
export async function scryptByOpenssl(
  password: string,
  salt: Uint8Array,
  keyBytes: number,
  { N, r, p }: ScryptParameters,
): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const maxmem = 128 * N * r + 128 * r * p + (1 << 20);
  opensslScrypt(password, salt, keyBytes, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)));
  return promise;
}
