import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock, systemRandom } from '@holdfast/kernel';
import { LimitStorage } from '@holdfast/storage/limit';
import { LocalStorage } from '@holdfast/storage/local';
import type { Storage } from '@holdfast/storage/port';
import { RetryStorage } from '@holdfast/storage/retry';
import { environment } from './environment.ts';
import { type RunContext, usageError } from './run-context.ts';

const localConnections = 4;

/** Where the repository is, from the options or the environment. */
export function repositoryLocation(context: RunContext): string {
  const { repo, repositoryFile } = context.flags;
  const file = repo === undefined ? (repositoryFile ?? environment('REPOSITORY_FILE')) : undefined;
  const location = repo ?? (file === undefined ? environment('REPOSITORY') : readFileSync(file, 'utf8').trim());
  if (location !== undefined && location !== '') return location;
  throw usageError('No repository was given', 'Use -r PLACE or set HOLDFAST_REPOSITORY.');
}

/** The storage at a place: a path so far. Passing failures are tried again, and said. */
export function openStorage(location: string, context: RunContext): Storage {
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(location)?.[1];
  if (scheme !== undefined && scheme !== 'local') {
    throw usageError(`There is no storage driver for ${JSON.stringify(`${scheme}:`)} yet`, 'Give the path of a directory.');
  }
  const path = resolve(scheme === 'local' ? location.slice('local:'.length) : location);
  const { limitUpload, limitDownload } = context.flags;
  let storage: Storage = new LocalStorage({ path, connections: localConnections });
  if (limitUpload !== undefined || limitDownload !== undefined) {
    storage = new LimitStorage(storage, {
      clock: systemClock,
      ...(limitUpload === undefined ? {} : { uploadBytesPerSecond: limitUpload * 1024 }),
      ...(limitDownload === undefined ? {} : { downloadBytesPerSecond: limitDownload * 1024 }),
    });
  }
  return new RetryStorage(storage, {
    clock: systemClock,
    random: systemRandom,
    onRetry: ({ error }) => context.warn(`${error instanceof Error ? error.message : String(error)}; trying again`),
  });
}
