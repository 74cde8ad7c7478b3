/** Bits of the type `FileMode` of Go's package io/fs, in which engines tell what a path is. */
const directory = 2 ** 31;
const symlink = 2 ** 27;
const device = 2 ** 26;
const namedPipe = 2 ** 25;
const socket = 2 ** 24;
const setuid = 2 ** 23;
const setgid = 2 ** 22;
const characterDevice = 2 ** 21;
const sticky = 2 ** 20;

export interface FileMode {
  readonly type: 'file' | 'dir' | 'symlink' | 'dev' | 'chardev' | 'fifo' | 'socket';
  /** The twelve permission bits of Unix. */
  readonly permissions: number;
}

export function fileModeOf(mode: number): FileMode {
  const has = (bit: number): boolean => Math.floor(mode / bit) % 2 === 1;
  const special = (has(setuid) ? 0o4000 : 0) + (has(setgid) ? 0o2000 : 0) + (has(sticky) ? 0o1000 : 0);
  return { type: typeOf(has), permissions: special + (mode % 0o1000) };
}

function typeOf(has: (bit: number) => boolean): FileMode['type'] {
  if (has(directory)) return 'dir';
  if (has(symlink)) return 'symlink';
  if (has(characterDevice)) return 'chardev';
  if (has(device)) return 'dev';
  if (has(namedPipe)) return 'fifo';
  return has(socket) ? 'socket' : 'file';
}
