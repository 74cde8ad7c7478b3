import { CodedError, toHex } from '@holdfast/kernel';
import { Sealer } from '../../crypto/sealer.ts';
import { sha256Into } from '../../crypto/sha256.ts';
import { decodePackHeader } from '../../format/pack-header.ts';
import type { BlobTable } from '../../index/blob-table.ts';
import type { Answer } from '../../workers/serve-jobs.ts';
import { BlobOpener } from '../pack-io/blob-opener.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { releaseBytes } from '../pack-io/release-bytes.ts';
import { type BlobRecord, readSharedRecord } from '../pack-io/shared-record.ts';
import type { PackCheckJob, PackCheckResult, PackCheckSetup } from './pack-check-job.ts';

const lengthFieldBytes = 4;
const mostFaults = 20;

/**
 * Checks whole packs: the hash is the name, every blob opens, decompresses and hashes to its ID, the header lists exactly what the index
 * lists, and there is nothing between, before or behind. Goes on after a fault, so that every damaged blob is known.
 */
export class PackInspector {
  readonly #table: BlobTable;
  readonly #opener: BlobOpener;
  readonly #sealer: Sealer;
  readonly #hash = new Uint8Array(32);

  constructor({ masterKey, table }: PackCheckSetup) {
    this.#table = table;
    this.#opener = new BlobOpener(masterKey);
    this.#sealer = new Sealer(masterKey);
  }

  inspect({ name, bytes, records }: PackCheckJob): PackCheckResult {
    const faults: string[] = [];
    const damaged: number[] = [];
    sha256Into(this.#hash, bytes);
    if (toHex(this.#hash) !== name) faults.push(`its content hashes to ${toHex(this.#hash)}`);
    const blobs = Array.from(records, (record) => ({ record, ...readSharedRecord(this.#table, record) })).sort(
      (a, b) => a.offset - b.offset,
    );
    let end = 0;
    for (const blob of blobs) {
      if (blob.offset !== end)
        faults.push(`there is ${blob.offset > end ? 'a gap' : 'an overlap'} before blob ${toHex(blob.id)} at ${blob.offset}`);
      end = blob.offset + blob.sealedBytes;
      try {
        this.#opener.open(bytes.subarray(blob.offset, end), blob.uncompressedBytes, blob.id);
      } catch (error) {
        if (!isDamage(error)) throw error;
        damaged.push(blob.record);
        faults.push(`blob ${toHex(blob.id)}: ${error.message}`);
      }
    }
    const all = faults.concat(this.#headerFaults(bytes, blobs, end));
    const more = all.length - mostFaults;
    return { faults: more > 0 ? [...all.slice(0, mostFaults), `${more} more`] : all, damaged };
  }

  #headerFaults(bytes: Uint8Array, blobs: readonly BlobRecord[], end: number): string[] {
    try {
      if (bytes.byteLength < lengthFieldBytes) return ['it is too short to have a header'];
      const headerEnd = bytes.byteLength - lengthFieldBytes;
      const headerBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(headerEnd, true);
      if (headerBytes > headerEnd) return [`its header would have ${headerBytes} bytes`];
      const headerStart = headerEnd - headerBytes;
      let offset = 0;
      const header = decodePackHeader(this.#sealer.open(bytes.subarray(headerStart, headerEnd))).map((entry) => {
        offset += entry.sealedBytes;
        return { ...entry, offset: offset - entry.sealedBytes };
      });
      const faults = headerStart === end ? [] : [`its header begins at ${headerStart} instead of ${end}`];
      const known = new Set(blobs.map(describe));
      const listed = header.map(describe);
      for (const entry of listed) if (!known.has(entry)) faults.push(`the header lists a blob that the index does not: ${entry}`);
      if (listed.length !== blobs.length) faults.push(`the header lists ${listed.length} blobs and the index ${blobs.length}`);
      return faults;
    } catch (error) {
      if (!CodedError.is(error) || !isDamage(error)) throw error;
      return [`its header: ${error.message}`];
    }
  }
}

function describe({ type, id, offset, sealedBytes, uncompressedBytes }: BlobRecord): string {
  return `${type} ${toHex(id)} at ${offset}, ${sealedBytes} bytes (${uncompressedBytes} uncompressed)`;
}

/** What worker threads do with packs. One for each thread. */
export function packCheckHandler(setup: PackCheckSetup): (job: PackCheckJob) => Answer<PackCheckResult> {
  const inspector = new PackInspector(setup);
  return (job) => {
    const result = inspector.inspect(job);
    releaseBytes(job.bytes);
    return { result };
  };
}
