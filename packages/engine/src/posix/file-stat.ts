import { type BigIntStats, constants, fstatSync, lstatSync } from 'node:fs';
import type { CString } from './c-string.ts';
import { declare, isDarwin, orErrno } from './libc.ts';
import { checked } from './system-error.ts';

/** What the file system says of an entry. Times in whole seconds since 1970 and the nanoseconds beyond, so that nothing is rounded and no bigint made. */
export interface FileStat {
  /** Unix st_mode. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly links: number;
  readonly sizeBytes: number;
  readonly inode: bigint;
  readonly deviceId: bigint;
  /** Number of the device that the entry is, if it is one. */
  readonly device: bigint;
  readonly atimeSeconds: number;
  readonly atimeNanos: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanos: number;
  readonly ctimeSeconds: number;
  readonly ctimeNanos: number;
}

/* statx(2) fills a fixed structure with the same layout on every architecture; Node's own call makes some twenty bigints and dates of it. */
const statx = isDarwin
  ? undefined
  : declare<[number, Uint8Array, number, number, Uint8Array]>(
      'int statx(int dirfd, const uint8_t* path, int flags, unsigned int mask, _Out_ uint8_t* out)',
    );
const atCurrentDirectory = -100;
const noFollow = 0x100;
const emptyPath = 0x1000;
const basicStats = 0x7ff;
const structureBytes = 256;
const nothing = new Uint8Array(1);

/** Asks for stats with one buffer that is used again and again: one for each thread. */
export class StatReader {
  readonly #out = new Uint8Array(structureBytes);
  readonly #view = new DataView(this.#out.buffer);
  #lastMajor = -1;
  #lastMinor = -1;
  #lastDevice = 0n;

  /** Of a path whose last component is not followed. Throws system errors. */
  path(path: CString): FileStat {
    if (statx === undefined) return fromNode(lstatSync(Buffer.from(path.subarray(0, -1)), { bigint: true }));
    checked(orErrno(statx(atCurrentDirectory, path, noFollow, basicStats, this.#out)), 'statx');
    return this.#read();
  }

  /** Of an open file. Throws system errors. */
  file(fd: number): FileStat {
    if (statx === undefined) return fromNode(fstatSync(fd, { bigint: true }));
    checked(orErrno(statx(fd, nothing, emptyPath, basicStats, this.#out)), 'statx');
    return this.#read();
  }

  #read(): FileStat {
    const view = this.#view;
    const u32 = (at: number): number => view.getUint32(at, true);
    const major = u32(136);
    const minor = u32(140);
    if (major !== this.#lastMajor || minor !== this.#lastMinor) {
      this.#lastMajor = major;
      this.#lastMinor = minor;
      this.#lastDevice = deviceNumber(major, minor);
    }
    const isDevice =
      (view.getUint16(28, true) & 0o170000) === constants.S_IFCHR || (view.getUint16(28, true) & 0o170000) === constants.S_IFBLK;
    return {
      mode: view.getUint16(28, true),
      uid: u32(20),
      gid: u32(24),
      links: u32(16),
      sizeBytes: u32(40) + u32(44) * 2 ** 32,
      inode: view.getBigUint64(32, true),
      deviceId: this.#lastDevice,
      device: isDevice ? deviceNumber(u32(128), u32(132)) : 0n,
      atimeSeconds: seconds(view, 64),
      atimeNanos: u32(72),
      ctimeSeconds: seconds(view, 96),
      ctimeNanos: u32(104),
      mtimeSeconds: seconds(view, 112),
      mtimeNanos: u32(120),
    };
  }
}

function seconds(view: DataView, at: number): number {
  return view.getInt32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
}

/** Linux's encoding of a device number in 64 bits. */
function deviceNumber(major: number, minor: number): bigint {
  const [a, b] = [BigInt(major), BigInt(minor)];
  return ((a & 0xfffff000n) << 32n) | ((a & 0xfffn) << 8n) | ((b & 0xffffff00n) << 12n) | (b & 0xffn);
}

function fromNode(stat: BigIntStats): FileStat {
  const split = (ns: bigint): [number, number] => {
    const nanos = ((ns % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    return [Number((ns - nanos) / 1_000_000_000n), Number(nanos)];
  };
  const [atimeSeconds, atimeNanos] = split(stat.atimeNs);
  const [mtimeSeconds, mtimeNanos] = split(stat.mtimeNs);
  const [ctimeSeconds, ctimeNanos] = split(stat.ctimeNs);
  return {
    mode: Number(stat.mode),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    links: Number(stat.nlink),
    sizeBytes: Number(stat.size),
    inode: stat.ino,
    deviceId: stat.dev,
    device: stat.isBlockDevice() || stat.isCharacterDevice() ? stat.rdev : 0n,
    atimeSeconds,
    atimeNanos,
    mtimeSeconds,
    mtimeNanos,
    ctimeSeconds,
    ctimeNanos,
  };
}
