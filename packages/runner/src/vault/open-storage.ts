import { S3Options } from '@holdfast/connect/s3';
import { type StorageOptions, type StorageSecrets, storagePlace } from '@holdfast/contract';
import { type Clock, CodedError, systemRandom } from '@holdfast/kernel';
import { LimitStorage } from '@holdfast/storage/limit';
import { LocalStorage } from '@holdfast/storage/local';
import type { Storage } from '@holdfast/storage/port';
import { RetryStorage } from '@holdfast/storage/retry';
import { S3Storage } from '@holdfast/storage/s3';

/** How a storage is to behave when it fails. */
export interface StorageSettings {
  readonly clock: Clock;
  /** For how long a failure that may pass is tried again. */
  readonly retryMs: number;
  /** Hears of each failure that is tried again: a sentence. */
  readonly onRetry: (text: string) => void;
  /** What belongs to the options and is in no record that is shown. */
  readonly secrets?: StorageSecrets | undefined;
}

/** Makes the storage that the options tell of, without touching it. */
export type StorageOpener = (options: StorageOptions, settings: StorageSettings) => Storage;

const localConnections = 4;

/** The storage of the options, by its driver. Passing failures are tried again. */
export const openStorage: StorageOpener = (options, { clock, retryMs, onRetry, secrets }) => {
  const storage = byDriver(options, secrets, clock);
  return new RetryStorage(storage, {
    clock,
    random: systemRandom,
    totalMs: retryMs,
    onRetry: ({ error }) => onRetry(`${error.message}; trying again`),
  });
};

function byDriver(options: StorageOptions, secrets: StorageSecrets | undefined, clock: Clock): Storage {
  if (options.driver === 'local') return new LocalStorage({ path: options.path, connections: localConnections });
  // Only as many requests as the storage has connections; locks pass freely.
  return new LimitStorage(new S3Storage({ bucket: s3Bucket(options, secrets), prefix: options.prefix, clock }), { clock });
}

/** All that it takes to speak with the bucket of such a storage. `invalid-argument` without the secret key. */
export function s3Bucket(options: Extract<StorageOptions, { driver: 's3' }>, secrets: StorageSecrets | undefined): S3Options {
  const { driver: _driver, prefix: _prefix, certificateAuthority, storageClass, ...rest } = options;
  const { secretAccessKey, sessionToken } = secrets ?? {};
  if (secretAccessKey === undefined) {
    throw new CodedError({
      code: 'invalid-argument',
      message: `The secret key of the access key ${options.accessKeyId} is needed for ${storagePlace(options)}`,
      hint: 'Enter it with the storage server.',
      context: { field: 'secrets.secretAccessKey' },
    });
  }
  return S3Options.parse({
    ...rest,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(certificateAuthority === null ? {} : { certificateAuthority }),
    ...(storageClass === null ? {} : { storageClass }),
  });
}
