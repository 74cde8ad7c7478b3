import { toHex } from '@holdfast/kernel';
import type { BlobType } from '../index/blob-type.ts';
import { JsonScanner } from './json-scanner.ts';

/** A pack as an index file names it. */
export interface IndexedPack {
  readonly id: string;
  readonly blobs: readonly IndexedBlob[];
}

export interface IndexedBlob {
  readonly type: BlobType;
  readonly id: Uint8Array;
  readonly offset: number;
  readonly sealedBytes: number;
  /** 0 when the blob is stored raw. */
  readonly uncompressedBytes: number;
}

/** What `decodeIndex` tells: each pack, then its blobs. `id` of a blob is only valid during the call. */
export interface IndexVisitor {
  pack(id: string): void;
  blob(type: BlobType, id: Uint8Array, offset: number, sealedBytes: number, uncompressedBytes: number): void;
}

const idForm = /^[0-9a-f]{64}$/;
const uint32Limit = 2 ** 32;
const beyond = 'a blob lies beyond 4 GiB';
const usual = {
  id: Buffer.from('{"id":"'),
  type: Buffer.from('","type":"'),
  data: Buffer.from('data","offset":'),
  tree: Buffer.from('tree","offset":'),
  length: Buffer.from(',"length":'),
  uncompressed: Buffer.from(',"uncompressed_length":'),
  end: Buffer.from('}'),
} as const;

/** The JSON of an index file, as restic writes it. */
export function encodeIndex(packs: readonly IndexedPack[]): Uint8Array {
  const parts: string[] = ['{"packs":['];
  packs.forEach((pack, i) => {
    const blobs = pack.blobs.map(({ type, id, offset, sealedBytes, uncompressedBytes }) => {
      const uncompressed = uncompressedBytes > 0 ? `,"uncompressed_length":${uncompressedBytes}` : '';
      return `{"id":"${toHex(id)}","type":"${type}","offset":${offset},"length":${sealedBytes}${uncompressed}}`;
    });
    parts.push(`${i === 0 ? '' : ','}{"id":"${pack.id}","blobs":[${blobs.join(',')}]}`);
  });
  parts.push(']}\n');
  return Buffer.from(parts.join(''));
}

/** Reads an index file without building objects. Unknown keys (also those of other programs) are passed over. */
export function decodeIndex(bytes: Uint8Array, visitor: IndexVisitor): void {
  const scanner = new JsonScanner(bytes, 'index file');
  const id = new Uint8Array(32);
  scanner.object((key) => {
    if (key === 'packs') scanner.array(() => decodePack(scanner, visitor, id));
    else scanner.skip();
  });
  scanner.end();
}

/** The blobs may come before the pack's ID: they are then read again once it is known. */
function decodePack(scanner: JsonScanner, visitor: IndexVisitor, id: Uint8Array): void {
  let named = false;
  let early: Uint8Array | undefined;
  scanner.object((key) => {
    if (key === 'id') {
      const pack = scanner.string();
      if (!idForm.test(pack)) throw scanner.invalid('an ID expected');
      visitor.pack(pack);
      named = true;
    } else if (key === 'blobs' && named) scanner.array(() => decodeBlob(scanner, visitor, id));
    else if (key === 'blobs') early = scanner.skip();
    else scanner.skip();
  });
  if (!named) throw scanner.invalid('a pack without an ID');
  if (early === undefined) return;
  const again = new JsonScanner(early, 'index file');
  again.array(() => decodeBlob(again, visitor, id));
}

/** A blob in the form that every known program writes is read by its places; any other by its keys. */
function decodeBlob(scanner: JsonScanner, visitor: IndexVisitor, id: Uint8Array): void {
  const start = scanner.position;
  if (scanner.literal(usual.id) && scanner.hexDigits(id) && scanner.literal(usual.type)) {
    const type = scanner.literal(usual.data) ? 'data' : scanner.literal(usual.tree) ? 'tree' : undefined;
    const offset = type === undefined ? -1 : scanner.smallInteger();
    const sealedBytes = offset >= 0 && scanner.literal(usual.length) ? scanner.smallInteger() : -1;
    const uncompressedBytes = sealedBytes >= 0 && scanner.literal(usual.uncompressed) ? scanner.smallInteger() : 0;
    if (type !== undefined && sealedBytes >= 0 && uncompressedBytes >= 0 && scanner.literal(usual.end)) {
      if (offset >= uint32Limit || sealedBytes >= uint32Limit || uncompressedBytes >= uint32Limit) throw scanner.invalid(beyond);
      visitor.blob(type, id, offset, sealedBytes, uncompressedBytes);
      return;
    }
  }
  scanner.position = start;
  decodeUnusualBlob(scanner, visitor, id);
}

function decodeUnusualBlob(scanner: JsonScanner, visitor: IndexVisitor, id: Uint8Array): void {
  let type: BlobType | undefined;
  let hasId = false;
  let offset = 0;
  let sealedBytes = 0;
  let uncompressedBytes = 0;
  scanner.object((key) => {
    switch (key) {
      case 'id':
        if (!scanner.hexString(id)) throw scanner.invalid('an ID expected');
        hasId = true;
        break;
      case 'type': {
        const text = scanner.string();
        if (text !== 'data' && text !== 'tree') throw scanner.invalid('an unknown blob type');
        type = text;
        break;
      }
      case 'offset':
        offset = scanner.integer();
        break;
      case 'length':
        sealedBytes = scanner.integer();
        break;
      case 'uncompressed_length':
        uncompressedBytes = scanner.integer();
        break;
      default:
        scanner.skip();
    }
  });
  if (!hasId || type === undefined) throw scanner.invalid('a blob without ID or type');
  if (offset >= uint32Limit || sealedBytes >= uint32Limit || uncompressedBytes >= uint32Limit) throw scanner.invalid(beyond);
  visitor.blob(type, id, offset, sealedBytes, uncompressedBytes);
}
