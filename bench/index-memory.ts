import { createHash } from 'node:crypto';
import { BlobIndex } from '../packages/engine/src/index/blob-index.ts';

/** Fills an index with blobs of made-up IDs and returns the bytes of memory that one takes. */
export function indexBytesPerBlob(blobs: number): number {
  const index = new BlobIndex();
  const pack = index.addPack('0'.repeat(64));
  for (let i = 0; i < blobs; i++) {
    const id = createHash('sha256').update(String(i)).digest();
    index.add('data', id, { pack, offset: i, sealedBytes: 1000, uncompressedBytes: 2000 });
  }
  return index.memoryBytes / blobs;
}
