import { CodedError, type ErrorCode } from '@holdfast/kernel';

/** Exit codes, with restic's meaning. */
export const exitCodes = {
  success: 0,
  failed: 1,
  incomplete: 3,
  repositoryMissing: 10,
  locked: 11,
  wrongPassword: 12,
  interrupted: 130,
} as const;

const byError: Partial<Record<ErrorCode, number>> = {
  'repository-missing': exitCodes.repositoryMissing,
  'repository-locked': exitCodes.locked,
  'wrong-password': exitCodes.wrongPassword,
  cancelled: exitCodes.interrupted,
};

/** The exit code for an error that ended the program. */
export function exitCodeOf(error: unknown): number {
  return CodedError.is(error) ? (byError[error.code] ?? exitCodes.failed) : exitCodes.failed;
}
