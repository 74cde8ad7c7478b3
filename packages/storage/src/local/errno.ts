/** Whether the error is one of the operating system, with one of the codes if any are given. */
export function isErrno(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException & { readonly code: string } {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string' || !('syscall' in error)) return false;
  return codes.length === 0 || codes.includes(error.code);
}

/** A handler for `catch` that takes errors of the operating system with these codes for success. */
export function ignoreErrno(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!isErrno(error, ...codes)) throw error;
  };
}
