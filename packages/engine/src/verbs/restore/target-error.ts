import { constants } from 'node:os';
import { CodedError } from '@holdfast/kernel';
import { errnoName, type SystemError, systemError } from '../../posix/system-error.ts';

const meanings: Readonly<Record<string, { readonly what: string; readonly hint: string }>> = {
  ENOSPC: {
    what: 'has no room left',
    hint: 'Make room or restore to another place. What was restored so far is kept; restoring again continues.',
  },
  EDQUOT: {
    what: 'is over its quota',
    hint: 'Raise the quota or restore to another place. What was restored so far is kept; restoring again continues.',
  },
  EROFS: { what: 'is read-only', hint: 'Mount it for writing or restore to another place.' },
};

/** The error that ends the whole restore, if this failure would only repeat itself with every further entry. */
export function hopelessError(error: unknown): CodedError | undefined {
  const errno = errnoName(error);
  const meaning = errno === undefined ? undefined : meanings[errno];
  if (errno === undefined || meaning === undefined) return undefined;
  return new CodedError({
    code: 'target-unwritable',
    message: `The file system of the target ${meaning.what} (${errno})`,
    hint: meaning.hint,
    context: { errno },
    cause: error,
  });
}

/** For a file that is no longer what this restore saw or made there. */
export function replacedError(): SystemError {
  return systemError(-constants.errno.ESTALE, 'open what was replaced meanwhile');
}

/** What happened, in a few words with the name of the system's error. */
export function describeFailure(error: SystemError): string {
  return `${error.syscall}: ${error.code}`;
}
