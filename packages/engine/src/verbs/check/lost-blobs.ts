import type { BlobIndex } from '../../index/blob-index.ts';
import type { BlobType } from '../../index/blob-type.ts';

/** Which copies of blobs are damaged, and from that which blobs are lost: those not indexed, and those without a sound copy. */
export class LostBlobs {
  readonly #index: BlobIndex;
  readonly #damagedCopies = new Set<number>();

  constructor(index: BlobIndex) {
    this.#index = index;
  }

  addDamagedCopy(record: number): void {
    this.#damagedCopies.add(record);
  }

  has(type: BlobType, id: string): boolean {
    for (let skip = 0; ; skip++) {
      const record = this.#index.findHex(type, id, skip);
      if (record < 0) return true;
      if (!this.#damagedCopies.has(record)) return false;
    }
  }
}
