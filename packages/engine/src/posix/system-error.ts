import { getSystemErrorName } from 'node:util';

/** A failed system call, in the shape of Node's own: `code` is the name of the error (`ENOENT`). */
export interface SystemError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** The error for a negative error number. */
export function systemError(errno: number, syscall: string): SystemError {
  const code = getSystemErrorName(errno);
  return Object.assign(new Error(`${code}: ${syscall} failed`), { code, errno, syscall });
}

/** Passes on the result of a call of this folder, or throws if it is a negative error number. */
export function checked(result: number, syscall: string): number {
  if (result < 0) throw systemError(result, syscall);
  return result;
}

/** Whether a system call failed, of Node or of this folder. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** The name of the error (`ENOENT`) if a system call failed, of Node or of this folder; else undefined. */
export function errnoName(error: unknown): string | undefined {
  return isSystemError(error) ? error.code : undefined;
}
