const nul = Buffer.from([0]);

/** The path of an entry, for Node and for the C library: the same bytes, without and with the closing NUL. */
export interface EntryPath {
  readonly path: Buffer;
  readonly cPath: Uint8Array;
}

/** `prefix` is empty or ends in a slash. Neither part has a NUL: both come from the file system or were checked. */
export function entryPath(prefix: Buffer, name: Uint8Array): EntryPath {
  const cPath = Buffer.concat([prefix, name, nul]);
  return { path: cPath.subarray(0, -1), cPath };
}
