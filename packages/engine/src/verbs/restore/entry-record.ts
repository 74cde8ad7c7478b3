import type { CString } from '../../posix/c-string.ts';
import type { Times } from '../../posix/times.ts';

/** What an entry of the plan is. `hard-link` is a further name of a file that comes before it. */
export type EntryKind = 'directory' | 'file' | 'symlink' | 'block-device' | 'character-device' | 'fifo' | 'hard-link';

/** An extended attribute as the C library takes it. */
export interface PlannedAttribute {
  readonly name: CString;
  readonly value: Uint8Array;
}

/** One entry to restore, read from the plan's memory. Bytes are views of it. */
export interface PlannedEntry {
  readonly kind: EntryKind;
  /** Number of the directory that it is in. */
  readonly directory: number;
  readonly name: CString;
  /** The twelve permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly times: Times;
  /** Length of a file's content: the sum of its blobs. */
  readonly sizeBytes: number;
  /** Where its blobs are in the plan's list of blobs, and how many. */
  readonly contentStart: number;
  readonly contentCount: number;
  /** For a hard link: the entry it is another name of. */
  readonly leader: number;
  readonly device: bigint;
  readonly linkTarget: CString;
  readonly attributes: readonly PlannedAttribute[];
}

const kinds: readonly EntryKind[] = ['directory', 'file', 'symlink', 'block-device', 'character-device', 'fifo', 'hard-link'];

/*
 * Little-endian, a multiple of 8 bytes:
 *  0 directory u32 · 4 mode u16 · 6 kind u8 · 8 uid u32 · 12 gid u32 · 16 atime, mtime as struct timespec[2] · 48 size f64
 * 56 content start u32 (hard link: leader; device: low half) · 60 content count u32 (device: high half)
 * 64 name length u32 · 68 link target length u32 · 72 attribute count u32 · 80 name, link target,
 * then for each attribute: name length u16, value length u32, name, value
 */
const headBytes = 80;
const timesAt = 16;

/** How many bytes `writeRecord` takes. */
export function recordBytes(entry: PlannedEntry): number {
  const attributes = entry.attributes.reduce((sum, { name, value }) => sum + 6 + name.byteLength + value.byteLength, 0);
  return Math.ceil((headBytes + entry.name.byteLength + entry.linkTarget.byteLength + attributes) / 8) * 8;
}

export function writeRecord(out: DataView<SharedArrayBuffer>, start: number, entry: PlannedEntry): void {
  const bytes = new Uint8Array(out.buffer);
  out.setUint32(start, entry.directory, true);
  out.setUint16(start + 4, entry.mode, true);
  out.setUint8(start + 6, kinds.indexOf(entry.kind));
  out.setUint32(start + 8, entry.uid, true);
  out.setUint32(start + 12, entry.gid, true);
  new BigInt64Array(out.buffer, start + timesAt, 4).set(entry.times);
  out.setFloat64(start + 48, entry.sizeBytes, true);
  if (entry.kind === 'block-device' || entry.kind === 'character-device') {
    out.setBigUint64(start + 56, entry.device, true);
  } else {
    out.setUint32(start + 56, entry.kind === 'hard-link' ? entry.leader : entry.contentStart, true);
    out.setUint32(start + 60, entry.contentCount, true);
  }
  out.setUint32(start + 64, entry.name.byteLength, true);
  out.setUint32(start + 68, entry.linkTarget.byteLength, true);
  out.setUint32(start + 72, entry.attributes.length, true);
  let at = start + headBytes;
  const append = (part: Uint8Array): void => {
    bytes.set(part, at);
    at += part.byteLength;
  };
  append(entry.name);
  append(entry.linkTarget);
  for (const { name, value } of entry.attributes) {
    out.setUint16(at, name.byteLength, true);
    out.setUint32(at + 2, value.byteLength, true);
    at += 6;
    append(name);
    append(value);
  }
}

export function recordKind(memory: DataView<SharedArrayBuffer>, start: number): EntryKind {
  return kinds[memory.getUint8(start + 6)] as EntryKind;
}

export function recordDirectory(memory: DataView<SharedArrayBuffer>, start: number): number {
  return memory.getUint32(start, true);
}

/** Length of a file's content. */
export function recordSizeBytes(memory: DataView<SharedArrayBuffer>, start: number): number {
  return memory.getFloat64(start + 48, true);
}

export function readRecord(memory: DataView<SharedArrayBuffer>, start: number): PlannedEntry {
  const kind = recordKind(memory, start);
  const isDevice = kind === 'block-device' || kind === 'character-device';
  const field = isDevice ? 0 : memory.getUint32(start + 56, true);
  const nameBytes = memory.getUint32(start + 64, true);
  const targetBytes = memory.getUint32(start + 68, true);
  const attributeCount = memory.getUint32(start + 72, true);
  const bytesAt = (offset: number, length: number): Uint8Array => new Uint8Array(memory.buffer, offset, length);
  const nameAt = start + headBytes;
  return {
    kind,
    directory: memory.getUint32(start, true),
    name: bytesAt(nameAt, nameBytes),
    mode: memory.getUint16(start + 4, true),
    uid: memory.getUint32(start + 8, true),
    gid: memory.getUint32(start + 12, true),
    times: new BigInt64Array(memory.buffer, start + timesAt, 4),
    sizeBytes: memory.getFloat64(start + 48, true),
    contentStart: kind === 'hard-link' ? 0 : field,
    contentCount: isDevice ? 0 : memory.getUint32(start + 60, true),
    leader: kind === 'hard-link' ? field : 0,
    device: isDevice ? memory.getBigUint64(start + 56, true) : 0n,
    linkTarget: bytesAt(nameAt + nameBytes, targetBytes),
    attributes: attributeCount === 0 ? [] : readAttributes(memory, nameAt + nameBytes + targetBytes, attributeCount),
  };
}

function readAttributes(memory: DataView<SharedArrayBuffer>, start: number, count: number): PlannedAttribute[] {
  const attributes: PlannedAttribute[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const nameBytes = memory.getUint16(at, true);
    const valueBytes = memory.getUint32(at + 2, true);
    const name = new Uint8Array(memory.buffer, at + 6, nameBytes);
    attributes.push({ name, value: new Uint8Array(memory.buffer, at + 6 + nameBytes, valueBytes) });
    at += 6 + nameBytes + valueBytes;
  }
  return attributes;
}
