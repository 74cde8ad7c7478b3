import { splitNs } from '../../posix/times.ts';
import { type TarEntry, type TarType, tarBlockBytes, tarPadding } from './tar-header.ts';

const typeFlags: Readonly<Record<TarType, string>> = {
  file: '0',
  'hard-link': '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};
const nameBytes = 100;
const accountBytes = 32;
const longName = Buffer.from('././@LongLink');
const noBytes = new Uint8Array(0);

/**
 * The header blocks of an entry in GNU tar's older format, for programs that pass over the extended headers of POSIX (BusyBox does, and takes
 * the shortened name for the whole). It has whole seconds only, and no attributes.
 */
export function gnuTarHeader(entry: TarEntry): Uint8Array {
  const blocks: Uint8Array[] = [];
  if (entry.linkTarget.byteLength > nameBytes) blocks.push(...longField('K', entry.linkTarget));
  if (entry.path.byteLength > nameBytes) blocks.push(...longField('L', entry.path));
  blocks.push(header(entry, typeFlags[entry.type]));
  return Buffer.concat(blocks);
}

function longField(flag: string, value: Uint8Array): Uint8Array[] {
  const sizeBytes = value.byteLength + 1;
  const plain = { mode: 0o644, uid: 0, gid: 0, user: '', group: '', mtimeNs: 0n, linkTarget: noBytes, deviceMajor: 0, deviceMinor: 0 };
  const block = header({ ...plain, path: longName, type: 'file', sizeBytes, records: [] }, flag);
  return [block, value, new Uint8Array(1), tarPadding(sizeBytes)];
}

function header(entry: TarEntry, flag: string): Uint8Array {
  const block = Buffer.alloc(tarBlockBytes);
  block.set(entry.path.subarray(0, nameBytes), 0);
  putNumber(block, entry.mode, 100, 8);
  putNumber(block, entry.uid, 108, 8);
  putNumber(block, entry.gid, 116, 8);
  putNumber(block, entry.sizeBytes, 124, 12);
  putNumber(block, Number(splitNs(entry.mtimeNs).seconds), 136, 12);
  block.write(flag, 156, 'latin1');
  block.set(entry.linkTarget.subarray(0, nameBytes), 157);
  block.write('ustar  \0', 257, 'latin1');
  if (Buffer.byteLength(entry.user) < accountBytes) block.write(entry.user, 265);
  if (Buffer.byteLength(entry.group) < accountBytes) block.write(entry.group, 297);
  if (flag === typeFlags['block-device'] || flag === typeFlags['character-device']) {
    putNumber(block, entry.deviceMajor, 329, 8);
    putNumber(block, entry.deviceMinor, 337, 8);
  }
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** Octal digits with a NUL behind them, or, for what they cannot hold, base 256 with the first bit set. */
function putNumber(block: Buffer, value: number, at: number, length: number): void {
  if (value >= 0 && value < 8 ** (length - 1)) {
    block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
    return;
  }
  let rest = BigInt(value);
  for (let i = length - 1; i >= 0; i--) {
    block[at + i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[at] = (block[at] as number) | 0x80;
}
