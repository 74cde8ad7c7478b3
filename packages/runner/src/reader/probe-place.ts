import { mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ReportedError, StorageOptions, StorageSecrets } from '@holdfast/contract';
import type { Clock } from '@holdfast/kernel';
import { CodedError } from '@holdfast/kernel';
import { reportedError } from '../plan/reported-error.ts';
import type { StorageOpener } from '../vault/open-storage.ts';
import { tryS3Place } from './try-s3-place.ts';

/** What a place for a storage server looks like. */
export interface Probe {
  /** Whether backups can be stored there. */
  readonly ok: boolean;
  readonly holdsRepository: boolean;
  /** Bytes that this account may still store there; null where that is not known. */
  readonly freeBytes: number | null;
  readonly error: ReportedError | null;
}

interface ProbePorts {
  readonly clock: Clock;
  readonly openStorage: StorageOpener;
  readonly secrets?: StorageSecrets | undefined;
}

/** Tries a place and leaves nothing there: a directory that does not exist yet is tried by the one that it would be made in. */
export async function probePlace(options: StorageOptions, ports: ProbePorts, signal: AbortSignal): Promise<Probe> {
  if (options.driver === 'local') return await probeDirectory(options, ports, signal);
  let holdsRepository = false;
  try {
    holdsRepository = await hasConfig(options, ports, signal);
    await tryS3Place(options, ports.secrets, signal);
    return { ok: true, holdsRepository, freeBytes: null, error: null };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, holdsRepository, freeBytes: null, error: reportedError(error) };
  }
}

async function probeDirectory(
  options: Extract<StorageOptions, { driver: 'local' }>,
  ports: ProbePorts,
  signal: AbortSignal,
): Promise<Probe> {
  let holdsRepository = false;
  let free: number | null = null;
  try {
    const existing = await nearestDirectory(options.path);
    free = await freeBytes(existing);
    holdsRepository = existing === options.path && (await hasConfig(options, ports, signal));
    await tryWriting(existing);
    return { ok: true, holdsRepository, freeBytes: free, error: null };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, holdsRepository, freeBytes: free, error: reportedError(placeError(error, options.path)) };
  }
}

/** Bytes that this account may still store in the directory; null where that is not known. */
export async function freeBytes(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

async function nearestDirectory(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return await nearestDirectory(dirname(path));
  }
  throw new CodedError({
    code: 'storage-denied',
    message: `${path} is no directory`,
    hint: 'Choose a directory, or a name that is not taken yet.',
  });
}

async function hasConfig(options: StorageOptions, { clock, openStorage, secrets }: ProbePorts, signal: AbortSignal): Promise<boolean> {
  await using storage = openStorage(options, { clock, retryMs: 0, onRetry: () => undefined, secrets });
  try {
    await storage.stat({ type: 'config', name: 'config' }, { signal });
    return true;
  } catch (error) {
    if (CodedError.is(error, 'storage-not-found')) return false;
    throw error;
  }
}

async function tryWriting(directory: string): Promise<void> {
  const trial = await mkdtemp(join(directory, '.holdfast-trial-'));
  try {
    await writeFile(join(trial, 'file'), new Uint8Array(4096), { flush: true });
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
}

function placeError(error: unknown, path: string): unknown {
  const errno = errnoOf(error);
  if (errno === undefined || CodedError.is(error)) return error;
  const isFull = errno === 'ENOSPC' || errno === 'EDQUOT';
  const isDenied = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENAMETOOLONG'].includes(errno);
  return new CodedError({
    code: isFull ? 'storage-full' : isDenied ? 'storage-denied' : 'storage-io',
    message: `Nothing can be stored at ${path}: ${error instanceof Error ? error.message : errno}`,
    hint: isFull
      ? 'Make room there, or choose another place.'
      : 'Give the account that runs Holdfast the right to write there, or choose another place.',
    cause: error,
  });
}

function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
