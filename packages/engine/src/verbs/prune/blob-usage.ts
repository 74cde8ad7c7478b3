import { firstRecord } from '../inventory/first-record.ts';
import type { IndexInventory } from '../inventory/index-inventory.ts';
import { type Marks, usedBit } from '../used-blobs/tree-walk-job.ts';

const severalBit = 4;
const providedBit = 8;
const mostCopies = 254;
const chosenMark = 255;

/**
 * Which blobs are used and how many sound copies there are of each: the marks of a walk, read blob by blob. Only blobs with several
 * copies cost a second look-up. Uses the marks' bits 4 and 8 and, where there are several copies, one further byte a record.
 */
export class BlobUsage {
  readonly #table;
  readonly #marks: Marks;
  #copies: Uint8Array | undefined;

  /** `isSound` tells whether a pack is there and as long as it must be: only copies in such packs count. */
  constructor(inventory: IndexInventory, marks: Marks, isSound: (pack: number) => boolean) {
    const { index } = inventory;
    this.#table = index.share();
    this.#marks = marks;
    for (let record = 0; record < index.size; record++) {
      const first = firstRecord(this.#table, record);
      if (first === record) continue;
      this.#set(first, severalBit);
      this.#set(record, severalBit);
    }
    for (let record = 0; record < index.size; record++) {
      if (!this.#has(record, severalBit) || !isSound(index.pack(record))) continue;
      this.#copies ??= new Uint8Array(index.size);
      const first = this.first(record);
      this.#copies[first] = Math.min(mostCopies, (this.#copies[first] ?? 0) + 1);
    }
  }

  /** Whether the index names the blob more than once. */
  isStoredSeveralTimes(record: number): boolean {
    return this.#has(record, severalBit);
  }

  /** Whether a snapshot uses the blob, of which this may be one of several copies. */
  isUsed(record: number): boolean {
    return this.#has(this.first(record), usedBit);
  }

  /** Sound copies of a blob stored several times that are not decided on yet (254 stands for more), or 'chosen' after `choose`. */
  copiesLeft(record: number): number | 'chosen' {
    const count = this.#copies?.[this.first(record)] ?? 0;
    return count === chosenMark ? 'chosen' : count;
  }

  /** Decides that one copy of the blob stays: the others are superfluous. */
  choose(record: number): void {
    if (this.#copies !== undefined) this.#copies[this.first(record)] = chosenMark;
  }

  /** Decides that this copy is superfluous. */
  passOver(record: number): void {
    const first = this.first(record);
    if (this.#copies !== undefined) this.#copies[first] = (this.#copies[first] ?? 1) - 1;
  }

  /** Whether a copy of the blob will be there after the prune. */
  isProvided(record: number): boolean {
    return this.#has(this.first(record), providedBit);
  }

  provide(record: number): void {
    this.#set(this.first(record), providedBit);
  }

  first(record: number): number {
    return this.#has(record, severalBit) ? firstRecord(this.#table, record) : record;
  }

  #has(record: number, bit: number): boolean {
    return ((this.#marks[record] as number) & bit) !== 0;
  }

  #set(record: number, bit: number): void {
    this.#marks[record] = (this.#marks[record] as number) | bit;
  }
}
