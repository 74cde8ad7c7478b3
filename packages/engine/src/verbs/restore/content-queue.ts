import type { BlobIndex } from '../../index/blob-index.ts';
import { type MergeLimits, mergeRanges } from '../pack-io/merge-ranges.ts';
import type { RestorePlan } from './restore-plan.ts';

/** Blobs of one pack that are wanted, and every place in a file that wants them. Flat, to be sent to a worker. */
export interface WantedBlobs {
  /** Records of the index, in the order in which they lie in the pack. */
  readonly records: Uint32Array;
  /** The uses of blob i are those from useStarts[i] to useStarts[i + 1]. */
  readonly useStarts: Uint32Array;
  readonly useEntries: Uint32Array;
  readonly useOffsets: Float64Array;
}

/** A stretch of a pack that is loaded in one call. */
export interface PackRange extends WantedBlobs {
  readonly pack: string;
  readonly offset: number;
  readonly length: number;
}

/** Longer ranges would hold more memory and keep the threads waiting. */
const limits: MergeLimits = { maxGapBytes: 1 << 20, maxRangeBytes: 8 << 20 };

/** The longest range, unless it is of one blob that is longer than a chunk can be. */
export const longestRangeBytes = limits.maxRangeBytes + (64 << 10);

/**
 * Which content is still to be written, by pack. Packs come in the order in which the files want them first: that is about the order in
 * which they were written, so files are filled front to back and each pack is read once. 16 bytes a use.
 */
export class ContentQueue {
  readonly #index: BlobIndex;
  readonly #packs: readonly number[];
  readonly #packStarts: Float64Array;
  readonly #records: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #offsets: Float64Array;

  /** `wants` says of a file's blob, by its place in the file's list, whether it is to be written. Sets the plan's counts of what remains. */
  constructor(plan: RestorePlan, index: BlobIndex, files: Iterable<number>, wants: (entry: number, place: number) => boolean) {
    this.#index = index;
    const wanted = [...files];
    const forEachUse = (visit: (entry: number, record: number, offset: number) => void): void => {
      for (const number of wanted) {
        plan.forEachBlob(plan.entry(number), (record, place, offset) => {
          if (wants(number, place)) visit(number, record, offset);
        });
      }
    };
    const counts = new Uint32Array(index.packCount);
    const packs: number[] = [];
    let total = 0;
    forEachUse((entry, record) => {
      const pack = index.pack(record);
      if (counts[pack] === 0) packs.push(pack);
      counts[pack] = (counts[pack] as number) + 1;
      plan.shared.remaining[entry] = (plan.shared.remaining[entry] as number) + 1;
      total += 1;
    });
    this.#packs = packs;
    this.#packStarts = new Float64Array(packs.length + 1);
    const next = new Float64Array(index.packCount);
    for (const [i, pack] of packs.entries()) {
      next[pack] = this.#packStarts[i] as number;
      this.#packStarts[i + 1] = (this.#packStarts[i] as number) + (counts[pack] as number);
    }
    this.#records = new Uint32Array(total);
    this.#entries = new Uint32Array(total);
    this.#offsets = new Float64Array(total);
    forEachUse((entry, record, offset) => {
      const pack = index.pack(record);
      const at = next[pack] as number;
      next[pack] = at + 1;
      this.#records[at] = record;
      this.#entries[at] = entry;
      this.#offsets[at] = offset;
    });
  }

  *ranges(): Generator<PackRange> {
    for (const [i, pack] of this.#packs.entries()) {
      yield* this.#packRanges(this.#index.packId(pack), this.#packStarts[i] as number, this.#packStarts[i + 1] as number);
    }
  }

  *#packRanges(pack: string, start: number, end: number): Generator<PackRange> {
    const uses = this.#sortedUses(start, end);
    const recordOf = (use: number): number => this.#records[use] as number;
    const firstUses = Uint32Array.from(uses.keys()).filter(
      (i) => i === 0 || recordOf(uses[i] as number) !== recordOf(uses[i - 1] as number),
    );
    const distinct = Array.from(firstUses, (i) => recordOf(uses[i] as number));
    let blob = 0;
    for (const { offset, length, records } of mergeRanges(this.#index, distinct, limits)) {
      const starts = firstUses.subarray(blob, blob + records.length);
      blob += records.length;
      const first = starts[0] as number;
      const useStarts = new Uint32Array(records.length + 1);
      for (const [i, each] of starts.entries()) useStarts[i] = each - first;
      const ofRange = uses.subarray(first, firstUses[blob] ?? uses.length);
      useStarts[records.length] = ofRange.length;
      yield {
        pack,
        offset,
        length,
        records,
        useStarts,
        useEntries: Uint32Array.from(ofRange, (use) => this.#entries[use] as number),
        useOffsets: Float64Array.from(ofRange, (use) => this.#offsets[use] as number),
      };
    }
  }

  /** Uses of a pack by the place of their blob in it; those of the same blob keep the order of the files. */
  #sortedUses(start: number, end: number): Uint32Array {
    const uses = Uint32Array.from({ length: end - start }, (_, i) => start + i);
    const places = Float64Array.from(uses, (use) => this.#index.location(this.#records[use] as number).offset);
    return uses.sort((a, b) => (places[a - start] as number) - (places[b - start] as number) || a - b);
  }
}
