import { constants } from 'node:fs';
import { type CString, mustBeCString } from './c-string.ts';
import { declare, isDarwin, orErrno } from './libc.ts';
import type { Times } from './times.ts';

/** Stands for the working directory where a directory descriptor is asked for. */
export const workingDirectory = isDarwin ? -2 : -100;

const noFollow = isDarwin ? 0x20 : 0x100;
const removeDirectoryFlag = isDarwin ? 0x80 : 0x200;

const openat = isDarwin
  ? declare<[number, CString, number, string, number]>('int openat(int fd, const uint8_t* path, int flags, ...)')
  : declare<[number, CString, number, number]>('int openat(int fd, const uint8_t* path, int flags, uint32_t mode)');
const mkdirat = declare<[number, CString, number]>('int mkdirat(int fd, const uint8_t* path, uint32_t mode)');
const unlinkat = declare<[number, CString, number]>('int unlinkat(int fd, const uint8_t* path, int flags)');
const symlinkat = declare<[CString, number, CString]>('int symlinkat(const uint8_t* target, int fd, const uint8_t* path)');
const linkat = declare<[number, CString, number, CString, number]>(
  'int linkat(int fd, const uint8_t* path, int newFd, const uint8_t* newPath, int flags)',
);
const mkfifoat = declare<[number, CString, number]>('int mkfifoat(int fd, const uint8_t* path, uint32_t mode)');
const fchownat = declare<[number, CString, number, number, number]>(
  'int fchownat(int fd, const uint8_t* path, uint32_t uid, uint32_t gid, int flags)',
);
const fchmodat = declare<[number, CString, number, number]>('int fchmodat(int fd, const uint8_t* path, uint32_t mode, int flags)');
const utimensat = declare<[number, CString, Times, number]>('int utimensat(int fd, const uint8_t* path, const int64_t* times, int flags)');
const mknodat = declareMknodat();

/*
 * Calls on the entry of that name in an open directory. The name is one component (or, for `openAt`, a path that is meant); a symbolic
 * link of that name is never followed. They return 0 (a descriptor) or a negative error number: see `checked`.
 */

/** Opens with one of `openFlags`; what is created gets mode 0600. */
export function openAt(directory: number, name: CString, flags: number): number {
  const path = mustBeCString(name);
  const opened = isDarwin
    ? (openat as (fd: number, path: CString, flags: number, type: string, mode: number) => number)(directory, path, flags, 'int', 0o600)
    : (openat as (fd: number, path: CString, flags: number, mode: number) => number)(directory, path, flags, 0o600);
  return orErrno(opened);
}

export function makeDirectoryAt(directory: number, name: CString, mode: number): number {
  return orErrno(mkdirat(directory, mustBeCString(name), mode));
}

/** Removes anything but a directory. */
export function unlinkAt(directory: number, name: CString): number {
  return orErrno(unlinkat(directory, mustBeCString(name), 0));
}

/** Removes an empty directory. */
export function removeDirectoryAt(directory: number, name: CString): number {
  return orErrno(unlinkat(directory, mustBeCString(name), removeDirectoryFlag));
}

export function symlinkAt(target: CString, directory: number, name: CString): number {
  return orErrno(symlinkat(mustBeCString(target), directory, mustBeCString(name)));
}

/** Gives the entry `name` a second name. */
export function linkAt(directory: number, name: CString, newDirectory: number, newName: CString): number {
  return orErrno(linkat(directory, mustBeCString(name), newDirectory, mustBeCString(newName), 0));
}

/** Makes a FIFO, mode 0600. */
export function makeFifoAt(directory: number, name: CString): number {
  return orErrno(mkfifoat(directory, mustBeCString(name), 0o600));
}

/** Makes a device node, mode 0600; `device` as in `st_rdev`. */
export function makeDeviceAt(directory: number, name: CString, kind: 'block' | 'character', device: bigint): number {
  const type = kind === 'block' ? constants.S_IFBLK : constants.S_IFCHR;
  return orErrno(mknodat(directory, mustBeCString(name), type | 0o600, device));
}

export function changeOwnerAt(directory: number, name: CString, uid: number, gid: number): number {
  return orErrno(fchownat(directory, mustBeCString(name), uid, gid, noFollow));
}

/** `mode`: the twelve permission bits. */
export function changeModeAt(directory: number, name: CString, mode: number): number {
  return orErrno(fchmodat(directory, mustBeCString(name), mode, noFollow));
}

export function setTimesAt(directory: number, name: CString, times: Times): number {
  return orErrno(utimensat(directory, mustBeCString(name), times, noFollow));
}

/** glibc before 2.33 has only the versioned name, which takes the device by pointer. */
function declareMknodat(): (directory: number, name: CString, mode: number, device: bigint) => number {
  if (isDarwin)
    return declare<[number, CString, number, bigint]>('int mknodat(int fd, const uint8_t* path, uint16_t mode, int32_t device)');
  try {
    return declare<[number, CString, number, bigint]>('int mknodat(int fd, const uint8_t* path, uint32_t mode, uint64_t device)');
  } catch {
    const versioned = declare<[number, number, CString, number, BigUint64Array]>(
      'int __xmknodat(int version, int fd, const uint8_t* path, uint32_t mode, uint64_t* device)',
    );
    const version = process.arch === 'x64' ? 0 : 1;
    return (directory, name, mode, device) => versioned(version, directory, name, mode, BigUint64Array.of(device));
  }
}
