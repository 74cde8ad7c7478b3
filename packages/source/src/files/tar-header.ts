import { sourceIncomplete } from './source-incomplete.ts';

export const tarBlockBytes = 512;

/** The header block of a member. Its path and numbers may be overruled by extended headers before it. */
export interface TarHeader {
  readonly path: Buffer;
  readonly flag: string;
  readonly sizeBytes: number;
  readonly mtimeSeconds: number;
  readonly linkPath: Buffer;
  /** Read when it is asked for, before the next header is: a backup of listed files has no use for it. */
  readonly metadata: () => TarMetadata;
}

export interface TarMetadata {
  /** The twelve permission bits of Unix. */
  readonly permissions: number;
  readonly uid: number;
  readonly gid: number;
  /** Of devices. */
  readonly major: number;
  readonly minor: number;
}

/** Decodes a header block of 512 bytes; `source-incomplete` unless its checksum is right. */
export function parseTarHeader(block: Buffer): TarHeader {
  if (checksum(block) !== number(block, 148, 8)) throw garbled('a header has a wrong checksum');
  const name = text(block, 0, 100);
  // POSIX writes `ustar` with a NUL and has a prefix there; GNU tar's own format has other things in that place.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : Buffer.alloc(0);
  return {
    path: prefix.byteLength === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]),
    flag: String.fromCharCode(block[156] as number),
    sizeBytes: size(block),
    mtimeSeconds: number(block, 136, 12),
    linkPath: text(block, 157, 100),
    metadata: () => ({
      permissions: number(block, 100, 8) & 0o7777,
      uid: number(block, 108, 8),
      gid: number(block, 116, 8),
      major: number(block, 329, 8),
      minor: number(block, 337, 8),
    }),
  };
}

/** The sum of all bytes, with spaces in place of the sum itself. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let i = 0; i < tarBlockBytes; i++) if (i < 148 || i >= 156) sum += block[i] as number;
  return sum;
}

function text(block: Buffer, at: number, length: number): Buffer {
  const field = block.subarray(at, at + length);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end));
}

function size(block: Buffer): number {
  const value = number(block, 124, 12);
  if (value < 0 || !Number.isSafeInteger(value)) throw garbled('a size is impossible');
  return value;
}

/** A number in octal digits, or, with the first bit set, in base 256 as GNU tar and BusyBox write large and negative ones. */
function number(block: Buffer, at: number, length: number): number {
  const field = block.subarray(at, at + length);
  const first = field[0] as number;
  if ((first & 0x80) !== 0) {
    const isNegative = (first & 0x40) !== 0;
    let value = isNegative ? -1n : BigInt(first & 0x3f);
    for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
    const result = Number(value);
    if (!Number.isSafeInteger(result)) throw garbled('a number is too large');
    return result;
  }
  const match = /^ *([0-7]*)[ \0]*$/.exec(field.toString('latin1'));
  if (match === null) throw garbled('a number is no number');
  return Number.parseInt(match[1] === '' ? '0' : (match[1] as string), 8);
}

function garbled(why: string): Error {
  return sourceIncomplete('The stream of files', why);
}
