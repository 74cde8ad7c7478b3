import type { BlobIndex } from '../../index/blob-index.ts';

/** A stretch of one pack and the records of the blobs wanted from it, in the order in which they lie there. */
export interface PackRange {
  readonly pack: string;
  readonly offset: number;
  readonly length: number;
  readonly records: Uint32Array<ArrayBuffer>;
}

export interface MergeLimits {
  /** Bytes between two wanted blobs that are read along rather than asked for separately. */
  readonly maxGapBytes: number;
  /** A range grows to this length; a longer blob gets a range of its own. */
  readonly maxRangeBytes: number;
}

/** The fewest sensible reads that bring the blobs of these records, which all lie in one pack. */
export function mergeRanges(index: BlobIndex, records: Iterable<number>, limits: MergeLimits): PackRange[] {
  const blobs = Array.from(records, (record) => ({ record, ...index.location(record) })).sort((a, b) => a.offset - b.offset);
  const ranges: PackRange[] = [];
  let from = 0;
  while (from < blobs.length) {
    const first = blobs[from] as (typeof blobs)[number];
    let end = first.offset + first.sealedBytes;
    let to = from + 1;
    for (; to < blobs.length; to++) {
      const { offset, sealedBytes } = blobs[to] as (typeof blobs)[number];
      const nextEnd = Math.max(end, offset + sealedBytes);
      if (offset - end > limits.maxGapBytes || nextEnd - first.offset > limits.maxRangeBytes) break;
      end = nextEnd;
    }
    const wanted = Uint32Array.from(blobs.slice(from, to), ({ record }) => record);
    ranges.push({ pack: index.packId(first.pack), offset: first.offset, length: end - first.offset, records: wanted });
    from = to;
  }
  return ranges;
}
