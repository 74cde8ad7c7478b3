import { CodedError } from '@holdfast/kernel';

const busy = [5, 6];
/** READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB. */
const unusable = [8, 10, 11, 13, 14, 26];

/** An error of SQLite as a coded one where a person can do something about it; every other one as it is, because it is a defect. */
export function sqliteError(error: unknown, path = 'of Holdfast'): unknown {
  const extended = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  if (!(error instanceof Error) || typeof extended !== 'number') return error;
  const primary = extended & 0xff;
  if (busy.includes(primary))
    return new CodedError({
      code: 'database-busy',
      message: `The database ${path} is held by another process`,
      hint: 'Wait until the other program is done with it, then try again.',
      retry: 'temporary',
      cause: error,
    });
  if (!unusable.includes(primary)) return error;
  return new CodedError({
    code: 'database-unusable',
    message: `The database ${path} cannot be used: ${error.message}`,
    hint:
      primary === 13
        ? 'Make room on its disk.'
        : 'Look at the file, its directory and its disk. A copy of the last backup of it may be needed.',
    retry: primary === 13 ? 'temporary' : 'permanent',
    cause: error,
  });
}
