/**
 * What writing a repository asks of the file system, as a port, so that a test can cut the power between any two calls. Errors are those
 * of node:fs, with their `code`. Nothing is durable before the `sync` that makes it so.
 */
export interface LocalFiles {
  /** Makes one directory. EEXIST if the name is taken. */
  makeDirectory(path: string, mode: number): Promise<void>;
  /** Creates a file to be written, of `sizeBytes` in the end. EEXIST if the name is taken. */
  createFile(path: string, mode: number, sizeBytes: number): Promise<LocalFile>;
  /** Gives the file a new name, replacing what had it, in one step. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  /** Makes the names in the directory durable. */
  syncDirectory(path: string): Promise<void>;
}

/** A file open for writing. */
export interface LocalFile {
  /** Appends all of the parts, in one gathered write where the system takes it. It may keep them back until `sync`. */
  append(parts: readonly Uint8Array[]): Promise<void>;
  /** Makes content and size durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}
