import type { ByteRange, FileRef, LoadOptions, Storage } from '@holdfast/storage/port';
import { lastingMemory } from '../../posix/lasting-memory.ts';
import { ByteBudget } from './byte-budget.ts';
import { movableBytes } from './movable-bytes.ts';

interface Slot {
  readonly memory: Uint8Array<SharedArrayBuffer>;
  /** The most it has ever held: so much of it is resident. */
  touchedBytes: number;
}

/** What was loaded, to be disposed of when nobody looks at it any more. */
export interface LoadedBytes extends Disposable {
  readonly bytes: Uint8Array<ArrayBuffer> | Uint8Array<SharedArrayBuffer>;
  /** What must move to a thread that gets the bytes: nothing, if threads share them. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * Loads packs, and bounds the bytes of them that are in memory at once. The memory is used again for the next load: to clear fresh pages
 * for a pack can take the system longer than to read it. What is larger than the whole budget is let in alone.
 */
export class LoadMemory {
  readonly #budget: ByteBudget;
  readonly #slotBytes: number;
  readonly #free: Slot[] = [];

  /** Loads up to `slotBytes` get memory that lasts, larger ones their own. */
  constructor(budgetBytes: number, slotBytes: number) {
    this.#budget = new ByteBudget(budgetBytes);
    this.#slotBytes = slotBytes;
  }

  /** Waits for room for `sizeBytes` (first come, first served), then loads. Errors are the storage's. */
  async load(
    storage: Storage,
    file: FileRef,
    range: ByteRange | undefined,
    sizeBytes: number,
    options: LoadOptions = {},
  ): Promise<LoadedBytes> {
    await this.#budget.acquire(sizeBytes);
    const slot = sizeBytes <= this.#slotBytes ? this.#slotFor(sizeBytes) : undefined;
    const giveBack = (): void => {
      if (slot !== undefined) this.#free.push(slot);
      this.#budget.release(sizeBytes);
    };
    try {
      const loaded = await storage.load(file, range, { ...options, into: slot?.memory });
      if (loaded.buffer instanceof SharedArrayBuffer) {
        return { bytes: new Uint8Array(loaded.buffer, loaded.byteOffset, loaded.byteLength), transfer: [], [Symbol.dispose]: giveBack };
      }
      const bytes = movableBytes(loaded);
      return { bytes, transfer: [bytes.buffer], [Symbol.dispose]: giveBack };
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** The smallest that need not grow, or else the largest, so that few become large. */
  #slotFor(sizeBytes: number): Slot {
    let best = -1;
    for (const [i, { touchedBytes }] of this.#free.entries()) {
      const bestBytes = this.#free[best]?.touchedBytes ?? 0;
      const isBetter = bestBytes >= sizeBytes ? touchedBytes >= sizeBytes && touchedBytes < bestBytes : touchedBytes > bestBytes;
      if (best < 0 || isBetter) best = i;
    }
    const [slot = { memory: lastingMemory(this.#slotBytes), touchedBytes: 0 }] = best < 0 ? [] : this.#free.splice(best, 1);
    slot.touchedBytes = Math.max(slot.touchedBytes, sizeBytes);
    return slot;
  }
}
