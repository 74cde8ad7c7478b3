import { hostname } from 'node:os';
import { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import { decodeLock, type LockFile } from '../format/lock-file.ts';
import { isProvablyDead } from './process-identity.ts';
import type { UnpackedFiles } from './unpacked-files.ts';

const staleAfterNs = 1_800_000_000_000n;

export interface StoredLock {
  readonly name: string;
  /** Undefined when the lock file cannot be read. */
  readonly lock: LockFile | undefined;
  readonly error?: unknown;
}

/** Every lock of the repository. Files that vanish meanwhile were released; empty ones are left-overs of a crash of old writers and count for nothing. */
export async function readLocks(storage: Storage, files: UnpackedFiles, options: CallOptions): Promise<StoredLock[]> {
  const locks: StoredLock[] = [];
  for await (const { name, sizeBytes } of storage.list('lock', options)) {
    if (sizeBytes === 0) continue;
    try {
      locks.push({ name, lock: decodeLock(await files.load('lock', name, options)) });
    } catch (error) {
      if (CodedError.is(error, 'storage-not-found')) continue;
      if (!CodedError.is(error)) throw error;
      locks.push({ name, lock: undefined, error });
    }
  }
  return locks;
}

/** restic's rule for what `unlock` removes: older than 30 minutes, or of this host and of no living process. */
export function isStale(lock: LockFile, nowNs: bigint): boolean {
  if (nowNs - lock.timeNs > staleAfterNs) return true;
  return lock.hostname === hostname() && !isAlive(lock.pid);
}

/**
 * Whether Holdfast may remove the lock unasked: its own kind of lock, whose process is proven to have ended; or, after a reboot, one of this
 * host that has not been refreshed for half an hour. A lock that only looks dead by host name and process ID is never touched.
 */
export function isOwnDead(lock: LockFile, nowNs: bigint): boolean {
  if (lock.process === undefined) return false;
  if (isProvablyDead(lock.pid, lock.process)) return true;
  return lock.hostname === hostname() && nowNs - lock.timeNs > staleAfterNs && !isAlive(lock.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
