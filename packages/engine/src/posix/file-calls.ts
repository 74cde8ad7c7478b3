import { declare, isDarwin, orErrno } from './libc.ts';
import type { Times } from './times.ts';

const closeDescriptor = declare<[number]>('int close(int fd)');
const pwrite = declare<[number, Uint8Array, number, number]>('int64_t pwrite(int fd, const uint8_t* data, size_t count, int64_t offset)');
const pread = declare<[number, Uint8Array, number, number]>('int64_t pread(int fd, _Out_ uint8_t* data, size_t count, int64_t offset)');
const ftruncate = declare<[number, number]>('int ftruncate(int fd, int64_t length)');
const posixFallocate = isDarwin
  ? undefined
  : declare<[number, number, number, number]>('int fallocate(int fd, int mode, int64_t offset, int64_t length)');
const fchown = declare<[number, number, number]>('int fchown(int fd, uint32_t uid, uint32_t gid)');
const fchmod = declare<[number, number]>(`int fchmod(int fd, ${isDarwin ? 'uint16_t' : 'uint32_t'} mode)`);
const futimens = declare<[number, Times]>('int futimens(int fd, const int64_t* times)');
const keepSize = 1;

/* Calls on an open file. They return 0 or a negative error number: see `checked`. */

export function closeFile(fd: number): number {
  return orErrno(closeDescriptor(fd));
}

/** Writes all of `data` at `offset`. */
export function writeAt(fd: number, data: Uint8Array, offset: number): number {
  let done = 0;
  while (done < data.byteLength) {
    const rest = done === 0 ? data : data.subarray(done);
    const written = orErrno(pwrite(fd, rest, rest.byteLength, offset + done));
    if (written < 0) return written;
    done += written;
  }
  return 0;
}

/** Reads at `offset` until `data` is full or the file ends, and returns how many bytes. */
export function readAt(fd: number, data: Uint8Array, offset: number): number {
  let done = 0;
  while (done < data.byteLength) {
    const rest = done === 0 ? data : data.subarray(done);
    const got = orErrno(pread(fd, rest, rest.byteLength, offset + done));
    if (got < 0) return got;
    if (got === 0) break;
    done += got;
  }
  return done;
}

export function truncateFile(fd: number, sizeBytes: number): number {
  return orErrno(ftruncate(fd, sizeBytes));
}

/** Reserves room for `sizeBytes` without changing the size. A hint: `EOPNOTSUPP` where the file system cannot, 0 on macOS. */
export function reserveRoom(fd: number, sizeBytes: number): number {
  return posixFallocate === undefined ? 0 : orErrno(posixFallocate(fd, keepSize, 0, sizeBytes));
}

export function changeOwner(fd: number, uid: number, gid: number): number {
  return orErrno(fchown(fd, uid, gid));
}

/** `mode`: the twelve permission bits. */
export function changeMode(fd: number, mode: number): number {
  return orErrno(fchmod(fd, mode));
}

export function setTimes(fd: number, times: Times): number {
  return orErrno(futimens(fd, times));
}
