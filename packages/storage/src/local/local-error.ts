import { CodedError, type ErrorCode } from '@holdfast/kernel';
import { isErrno } from './errno.ts';

/** Failures of the system, a device or a server behind it that may pass; what is not here will fail the same way again. */
const passing = new Set([
  'EIO',
  'EAGAIN',
  'EBUSY',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOBUFS',
  'ESTALE',
  'ETIMEDOUT',
  'ENOTCONN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EREMOTEIO',
]);

/** The CodedError for an error of node:fs that was met while `doing` ("saving data file 1a2b…") at `path`. Other errors come back as they are. */
export function localError(error: unknown, doing: string, path: string): unknown {
  if (!isErrno(error)) return error;
  const { code, hint } = classify(error.code);
  return new CodedError({
    code,
    message: `${doing} failed at ${path}: ${error.message}`,
    hint,
    retry: code === 'storage-io' && passing.has(error.code) ? 'temporary' : 'permanent',
    context: { path, errno: error.code },
    cause: error,
  });
}

function classify(errno: string): { readonly code: ErrorCode; readonly hint: string } {
  if (errno === 'ENOSPC') return { code: 'storage-full', hint: 'Make room on the disk of the repository, or prune it.' };
  if (errno === 'EDQUOT') return { code: 'storage-full', hint: 'Raise the quota of the account, or prune the repository.' };
  if (errno === 'EROFS')
    return { code: 'storage-denied', hint: 'The file system is mounted read-only: see the system log for the reason.' };
  if (errno === 'EACCES' || errno === 'EPERM')
    return { code: 'storage-denied', hint: 'Give the account that runs Holdfast access to the directory.' };
  if (errno === 'ENOENT') return { code: 'storage-io', hint: 'Is the disk of the repository mounted?' };
  return { code: 'storage-io', hint: 'Look into the system log for errors of the disk or the network mount.' };
}
