import { CodedError } from '@holdfast/kernel';
import { sealOverheadBytes } from '../crypto/sealer.ts';
import type { BlobType } from '../index/blob-type.ts';

/** One blob as a pack's header names it. Headers list blobs in the order in which they lie, without gaps. */
export interface HeaderEntry {
  readonly type: BlobType;
  /** 32 bytes. */
  readonly id: Uint8Array;
  readonly sealedBytes: number;
  /** 0 when the blob is stored raw. */
  readonly uncompressedBytes: number;
}

const rawEntryBytes = 37;
const compressedEntryBytes = 41;
const headerLimitBytes = 16 << 20;
/** Length of the field at the end of a pack that says how long its sealed header is. */
export const headerLengthBytes = 4;

/** The plain header of a pack. */
export function encodePackHeader(entries: readonly HeaderEntry[]): Uint8Array {
  const header = Buffer.alloc(headerBytes(entries));
  let at = 0;
  for (const { type, id, sealedBytes, uncompressedBytes } of entries) {
    const compressed = uncompressedBytes > 0;
    header[at] = (type === 'tree' ? 1 : 0) + (compressed ? 2 : 0);
    header.writeUInt32LE(sealedBytes, at + 1);
    if (compressed) header.writeUInt32LE(uncompressedBytes, at + 5);
    header.set(id, at + (compressed ? 9 : 5));
    at += compressed ? compressedEntryBytes : rawEntryBytes;
  }
  return header;
}

/** The entries of a plain header; `format-invalid` if it is none. */
export function decodePackHeader(header: Uint8Array): HeaderEntry[] {
  if (header.byteLength > headerLimitBytes) throw invalid('it is too long');
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const entries: HeaderEntry[] = [];
  let at = 0;
  while (at < header.byteLength) {
    const kind = header[at] as number;
    if (kind > 3) throw invalid(`it has a blob of the unknown type ${kind}`);
    const compressed = kind >= 2;
    const length = compressed ? compressedEntryBytes : rawEntryBytes;
    if (at + length > header.byteLength) throw invalid('it ends inside an entry');
    const sealedBytes = view.getUint32(at + 1, true);
    const uncompressedBytes = compressed ? view.getUint32(at + 5, true) : 0;
    if (sealedBytes < sealOverheadBytes) throw invalid('it has a blob that is shorter than its seal');
    if (compressed && uncompressedBytes === 0) throw invalid('it has a compressed blob of no length');
    const idAt = at + (compressed ? 9 : 5);
    entries.push({ type: (kind & 1) === 1 ? 'tree' : 'data', id: header.slice(idAt, idAt + 32), sealedBytes, uncompressedBytes });
    at += length;
  }
  return entries;
}

/** Length of the plain header of these blobs. */
export function headerBytes(entries: Iterable<{ readonly uncompressedBytes: number }>): number {
  let bytes = 0;
  for (const { uncompressedBytes } of entries) bytes += entryBytes(uncompressedBytes);
  return bytes;
}

/** Length of the header entry of a blob. */
export function entryBytes(uncompressedBytes: number): number {
  return uncompressedBytes > 0 ? compressedEntryBytes : rawEntryBytes;
}

/** What a pack file weighs besides its blobs and their header entries: the header's seal and its length. */
export const packOverheadBytes = sealOverheadBytes + headerLengthBytes;

function invalid(why: string): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `A pack header cannot be decoded: ${why}`,
    hint: 'Run check --read-data to see which packs are damaged.',
  });
}
