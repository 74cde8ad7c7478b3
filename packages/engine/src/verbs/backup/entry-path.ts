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

/** The paths of a directory's entries for the C library, one after the other in the same memory. */
export class EntryPathBuffer {
  readonly #prefixBytes: number;
  #bytes: Buffer;

  /** `prefix` is empty or ends in a slash. */
  constructor(prefix: Buffer) {
    this.#prefixBytes = prefix.byteLength;
    this.#bytes = Buffer.alloc(prefix.byteLength + 256);
    this.#bytes.set(prefix);
  }

  /** The path of `name`, a byte a character and none of them NUL, with the closing NUL; valid until the next call. */
  set(name: string): Buffer {
    const end = this.#prefixBytes + name.length;
    if (end >= this.#bytes.byteLength) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(name.length + 1)]);
    this.#bytes.write(name, this.#prefixBytes, 'latin1');
    this.#bytes[end] = 0;
    return this.#bytes.subarray(0, end + 1);
  }
}
