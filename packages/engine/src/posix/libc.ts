import koffi from 'koffi';

type TypeSpec = string | ReturnType<typeof koffi.out>;

/**
 * The C library of the running process: what Node does not offer (calls relative to a directory descriptor, extended attributes, device
 * nodes, exact times). Only the files of this folder call into it; they check every pointer and size that they pass.
 */
export const libc = koffi.load(null);

export const isDarwin = process.platform === 'darwin';

/** Declares a function of the C library that returns a number. */
export function declare<Arguments extends readonly unknown[]>(signature: string): (...values: Arguments) => number {
  return libc.func(signature);
}

/** The same for arguments whose types have no name. Returns an `int`. */
export function declareWith<Arguments extends readonly unknown[]>(
  name: string,
  types: readonly TypeSpec[],
): (...values: Arguments) => number {
  return libc.func(name, 'int', [...types]);
}

/** The result of a call that returns -1 on failure: the same, or the negative error number. */
export function orErrno(result: number): number {
  return result === -1 ? -koffi.errno() : result;
}
