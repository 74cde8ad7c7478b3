/** The path of an entry, for the C library with the closing NUL, for Node without. */
export class EntryPath {
  readonly cPath: Buffer;

  /** `prefix` is empty or ends in a slash. Neither part has a NUL: both come from the file system or were checked. */
  constructor(prefix: Buffer, name: Uint8Array) {
    const cPath = Buffer.allocUnsafe(prefix.byteLength + name.byteLength + 1);
    cPath.set(prefix);
    cPath.set(name, prefix.byteLength);
    cPath[cPath.byteLength - 1] = 0;
    this.cPath = cPath;
  }

  /** Made when asked for: of an entry that has not changed nobody does. */
  get path(): Buffer {
    return this.cPath.subarray(0, -1);
  }
}
