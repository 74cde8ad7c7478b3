import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock, systemRandom } from '@holdfast/kernel';
import { LimitStorage } from '@holdfast/storage/limit';
import { LocalStorage } from '@holdfast/storage/local';
import type { Storage } from '@holdfast/storage/port';
import { RetryStorage } from '@holdfast/storage/retry';
import { S3Storage } from '@holdfast/storage/s3';
import { environment } from './environment.ts';
import { type RunContext, usageError } from './run-context.ts';
import { s3Location } from './s3-location.ts';

const localConnections = 4;

/** Where the repository is, from the options or the environment. */
export function repositoryLocation(context: RunContext): string {
  const { repo, repositoryFile } = context.flags;
  const file = repo === undefined ? (repositoryFile ?? environment('REPOSITORY_FILE')) : undefined;
  const location = repo ?? (file === undefined ? environment('REPOSITORY') : readFileSync(file, 'utf8').trim());
  if (location !== undefined && location !== '') return location;
  throw usageError('No repository was given', 'Use -r PLACE or set HOLDFAST_REPOSITORY.');
}

/** The storage at a place: a path, or `s3:…` as restic writes it. Passing failures are tried again, and said. */
export function openStorage(location: string, context: RunContext): Storage {
  const { limitUpload, limitDownload } = context.flags;
  let storage = byScheme(location);
  // A server gets no more requests at once than it has connections; a local disk may have as many as come.
  if (limitUpload !== undefined || limitDownload !== undefined || storage instanceof S3Storage) {
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

function byScheme(location: string): Storage {
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(location)?.[1];
  if (scheme === 's3') return new S3Storage(s3Location(location));
  if (scheme === undefined || scheme === 'local') {
    const path = resolve(scheme === 'local' ? location.slice('local:'.length) : location);
    return new LocalStorage({ path, connections: localConnections });
  }
  throw usageError(
    `There is no storage driver for ${JSON.stringify(`${scheme}:`)} yet`,
    'Give the path of a directory, or s3:https://HOST/BUCKET/PREFIX.',
  );
}
