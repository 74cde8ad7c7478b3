import { createHash } from 'node:crypto';
import { encodeIndex, type IndexedBlob, type IndexedPack } from '../../packages/engine/src/format/index-file.ts';

const blobsPerPack = 16;
const blobsPerFile = 50_000;
const sealedBytes = 1_000_032;

/** The ID of the n-th blob. */
export function syntheticId(n: number): Buffer {
  const id = Buffer.alloc(32);
  for (let at = 0; at < 28; at += 4) id.writeInt32LE(Math.imul(n + 1, 0x9e3779b1) ^ Math.imul(at, 0x01000193), at);
  id.writeUInt32LE(n, 28);
  return id;
}

/** The JSON of index files for so many blobs of about a megabyte, in packs of 16 MB that do not exist. */
export function* syntheticIndex(blobs: number): Generator<Uint8Array> {
  for (let start = 0; start < blobs; start += blobsPerFile) {
    const packs: IndexedPack[] = [];
    for (let from = start; from < Math.min(blobs, start + blobsPerFile); from += blobsPerPack) {
      const entries: IndexedBlob[] = [];
      for (let n = from; n < Math.min(blobs, from + blobsPerPack); n++) {
        entries.push({ type: 'data', id: syntheticId(n), offset: (n - from) * sealedBytes, sealedBytes, uncompressedBytes: 1_048_576 });
      }
      packs.push({ id: createHash('sha256').update(`pack ${from}`).digest('hex'), blobs: entries });
    }
    yield encodeIndex(packs);
  }
}
