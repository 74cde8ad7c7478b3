import type { Answer } from '../../workers/serve-jobs.ts';
import { BlobOpener } from '../pack-io/blob-opener.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { readSharedRecord } from '../pack-io/shared-record.ts';
import { BlobRecoder } from './blob-recoder.ts';
import type { CarriedBlob, CarryJob, CarryResult, CarrySetup } from './carry-job.ts';

/** Verifies blobs and brings them into the target's form. One for each thread. */
export function carryHandler({ coding, table }: CarrySetup): (job: CarryJob) => Answer<CarryResult> {
  const opener = new BlobOpener(coding.sourceKey);
  const recoder = new BlobRecoder(coding);
  return ({ bytes, startOffset, records }) => {
    const blobs: CarriedBlob[] = [];
    const damaged: { record: number; reason: string }[] = [];
    const longer: Uint8Array[] = [];
    let longerBytes = 0;
    for (const record of records) {
      const blob = readSharedRecord(table, record);
      let offset = blob.offset - startOffset;
      const source = bytes.subarray(offset, offset + blob.sealedBytes);
      try {
        const { sealed, uncompressedBytes } = recoder.recode(blob, source, opener.open(source, blob.uncompressedBytes, blob.id));
        if (sealed.byteLength > source.byteLength) {
          offset = bytes.byteLength + longerBytes;
          longer.push(sealed.slice());
          longerBytes += sealed.byteLength;
        } else if (sealed !== source) bytes.set(sealed, offset);
        blobs.push({ record, offset, sealedBytes: sealed.byteLength, uncompressedBytes });
      } catch (error) {
        if (!isDamage(error)) throw error;
        damaged.push({ record, reason: error.message });
      }
    }
    const overflow = new Uint8Array(longerBytes);
    let end = 0;
    for (const sealed of longer) {
      overflow.set(sealed, end);
      end += sealed.byteLength;
    }
    return {
      result: { bytes, overflow, blobs, damaged },
      transfer: bytes.buffer instanceof ArrayBuffer ? [bytes.buffer, overflow.buffer] : [overflow.buffer],
    };
  };
}
