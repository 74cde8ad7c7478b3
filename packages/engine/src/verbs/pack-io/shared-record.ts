import { type BlobTable, recordWords, segmentRecords, segmentShift, treeBit } from '../../index/blob-table.ts';
import type { BlobType } from '../../index/blob-type.ts';

/** What the index knows of a blob. */
export interface BlobRecord {
  readonly type: BlobType;
  /** 32 bytes, in the index's own memory: only to be read. */
  readonly id: Uint8Array;
  readonly offset: number;
  readonly sealedBytes: number;
  /** 0 when the content is stored raw. */
  readonly uncompressedBytes: number;
}

/** Reads a record as worker threads do. The table must have known it when it was shared. */
export function readSharedRecord(table: BlobTable, record: number): BlobRecord {
  const segment = table.segments[record >>> segmentShift];
  if (segment === undefined) throw new RangeError('no such record in the shared table');
  const at = (record & (segmentRecords - 1)) * recordWords;
  return {
    type: (segment[at + 8] as number) >= treeBit ? 'tree' : 'data',
    id: new Uint8Array(segment.buffer, segment.byteOffset + at * segment.BYTES_PER_ELEMENT, 32),
    offset: segment[at + 9] as number,
    sealedBytes: segment[at + 10] as number,
    uncompressedBytes: segment[at + 11] as number,
  };
}
