import { splitNs } from '../../posix/times.ts';

/** What a tar entry is. */
export type TarType = 'file' | 'hard-link' | 'symlink' | 'character-device' | 'block-device' | 'directory' | 'fifo';

export interface TarEntry {
  /** Path in the archive, without a leading slash; of a directory with one at its end. */
  readonly path: Uint8Array;
  readonly type: TarType;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
  readonly sizeBytes: number;
  readonly mtimeNs: bigint;
  readonly linkTarget: Uint8Array;
  readonly deviceMajor: number;
  readonly deviceMinor: number;
  /** Further records of the extended header: attributes and ACLs. */
  readonly records: readonly TarRecord[];
}

export interface TarRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export const tarBlockBytes = 512;
/** An archive ends with two empty blocks. */
export const tarEnd: Uint8Array = new Uint8Array(2 * tarBlockBytes);

const typeFlags: Readonly<Record<TarType, string>> = {
  file: '0',
  'hard-link': '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};
const paxFlag = 'x';
const slash = 0x2f;
/** Lengths of the fields. */
const nameBytes = 100;
const prefixBytes = 155;
const accountBytes = 32;

/**
 * The header blocks of an entry, in the format of POSIX 2001 (pax): a plain header, after an extended one for what it cannot hold, which
 * are long names, large numbers, nanoseconds, names that are not ASCII, and attributes in the way of star and GNU tar.
 */
export function tarHeader(entry: TarEntry): Uint8Array {
  const records: TarRecord[] = [];
  const addRecord = (key: string, value: Uint8Array | string): void =>
    void records.push({ key: Buffer.from(key), value: Buffer.from(value) });
  const mtime = splitNs(entry.mtimeNs);
  const place = splitPath(entry.path);
  if (place === undefined || !isAscii(entry.path)) addRecord('path', entry.path);
  if (entry.linkTarget.byteLength > nameBytes || !isAscii(entry.linkTarget)) addRecord('linkpath', entry.linkTarget);
  if (!fitsOctal(entry.sizeBytes, 11)) addRecord('size', String(entry.sizeBytes));
  if (!fitsOctal(entry.uid, 7)) addRecord('uid', String(entry.uid));
  if (!fitsOctal(entry.gid, 7)) addRecord('gid', String(entry.gid));
  if (!fitsAccount(entry.user)) addRecord('uname', entry.user);
  if (!fitsAccount(entry.group)) addRecord('gname', entry.group);
  if (mtime.nanoseconds !== 0n || !fitsOctal(Number(mtime.seconds), 11)) addRecord('mtime', decimalSeconds(entry.mtimeNs));
  records.push(...entry.records);
  const plain = plainHeader(entry, place ?? { prefix: entry.path.subarray(0, 0), name: entry.path.subarray(0, nameBytes) });
  if (records.length === 0) return plain;
  const extension = Buffer.concat(records.map(encodeRecord));
  const name = Buffer.concat([Buffer.from('PaxHeaders.0/'), baseName(entry.path)]).subarray(0, nameBytes);
  const extended = plainHeader(
    { ...entry, type: 'file', sizeBytes: extension.byteLength, mode: 0o644, linkTarget: new Uint8Array(0), deviceMajor: 0, deviceMinor: 0 },
    { prefix: new Uint8Array(0), name },
    paxFlag,
  );
  return Buffer.concat([extended, extension, tarPadding(extension.byteLength), plain]);
}

/** The zeros that fill the last block of so many bytes. */
export function tarPadding(sizeBytes: number): Uint8Array {
  return tarEnd.subarray(0, (tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes);
}

interface Place {
  readonly prefix: Uint8Array;
  readonly name: Uint8Array;
}

function plainHeader(entry: TarEntry, { prefix, name }: Place, flag = typeFlags[entry.type]): Uint8Array {
  const block = Buffer.alloc(tarBlockBytes);
  const putOctal = (value: number, at: number, digits: number): void => {
    block.write((fitsOctal(value, digits) ? value : 0).toString(8).padStart(digits, '0'), at, 'latin1');
  };
  const isDevice = entry.type === 'block-device' || entry.type === 'character-device';
  block.set(name.subarray(0, nameBytes), 0);
  putOctal(entry.mode, 100, 7);
  putOctal(entry.uid, 108, 7);
  putOctal(entry.gid, 116, 7);
  putOctal(entry.sizeBytes, 124, 11);
  putOctal(Number(splitNs(entry.mtimeNs).seconds), 136, 11);
  block.write(flag, 156, 'latin1');
  block.set(entry.linkTarget.subarray(0, nameBytes), 157);
  block.write('ustar\x0000', 257, 'latin1');
  if (fitsAccount(entry.user)) block.write(entry.user, 265, 'latin1');
  if (fitsAccount(entry.group)) block.write(entry.group, 297, 'latin1');
  if (isDevice) {
    putOctal(entry.deviceMajor, 329, 7);
    putOctal(entry.deviceMinor, 337, 7);
  }
  block.set(prefix, 345);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A path as directory and name that fit their fields, if it can be parted so. */
function splitPath(path: Uint8Array): Place | undefined {
  if (path.byteLength <= nameBytes) return { prefix: path.subarray(0, 0), name: path };
  const end = path.at(-1) === slash ? path.byteLength - 1 : path.byteLength;
  const at = path.subarray(0, Math.min(prefixBytes + 1, end)).lastIndexOf(slash);
  if (at <= 0 || path.byteLength - at - 1 > nameBytes) return undefined;
  return { prefix: path.subarray(0, at), name: path.subarray(at + 1) };
}

function baseName(path: Uint8Array): Uint8Array {
  const end = path.at(-1) === slash ? path.byteLength - 1 : path.byteLength;
  return path.subarray(path.subarray(0, end).lastIndexOf(slash) + 1, end);
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function encodeRecord({ key, value }: TarRecord): Uint8Array {
  const rest = key.byteLength + value.byteLength + 3;
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} `), key, Buffer.from('='), value, Buffer.from('\n')]);
}

/** Seconds with the fraction that is needed, also before 1970. */
function decimalSeconds(ns: bigint): string {
  const isNegative = ns < 0n;
  const digits = (isNegative ? -ns : ns).toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${isNegative ? '-' : ''}${digits.slice(0, -9)}${fraction === '' ? '' : `.${fraction}`}`;
}

function fitsOctal(value: number, digits: number): boolean {
  return value >= 0 && value < 8 ** digits;
}

function fitsAccount(name: string): boolean {
  return name.length < accountBytes && isAscii(Buffer.from(name));
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte > 0 && byte < 0x80);
}
