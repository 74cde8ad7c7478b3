import { type BlobTable, findRecord, recordWords, segmentRecords, segmentShift, treeBit } from '../../index/blob-table.ts';

/**
 * The first record of the blob that this record is a copy of; itself for a blob stored once. Facts about a blob, rather than about one
 * of its copies, are kept under that number.
 */
export function firstRecord(table: BlobTable, record: number): number {
  const segment = table.segments[record >>> segmentShift];
  if (segment === undefined) throw new RangeError('no such record in the table');
  const at = (record & (segmentRecords - 1)) * recordWords;
  return findRecord(table, segment.subarray(at, at + 8), (segment[at + 8] as number) >= treeBit);
}
