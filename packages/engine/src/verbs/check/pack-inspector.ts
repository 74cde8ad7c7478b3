import { CodedError, toHex } from '@holdfast/kernel';
import { Sealer } from '../../crypto/sealer.ts';
import { sha256Into } from '../../crypto/sha256.ts';
import { decodePackHeader, encodePackHeader } from '../../format/pack-header.ts';
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
    const found = Array.from(records, (record) => ({ record, blob: readSharedRecord(this.#table, record) }));
    found.sort((a, b) => a.blob.offset - b.blob.offset);
    let end = 0;
    for (const { record, blob } of found) {
      if (blob.offset !== end)
        faults.push(`there is ${blob.offset > end ? 'a gap' : 'an overlap'} before blob ${toHex(blob.id)} at ${blob.offset}`);
      end = blob.offset + blob.sealedBytes;
      try {
        this.#opener.open(bytes.subarray(blob.offset, end), blob.uncompressedBytes, blob.id);
      } catch (error) {
        if (!isDamage(error)) throw error;
        damaged.push(record);
        faults.push(`blob ${toHex(blob.id)}: ${error.message}`);
      }
    }
    const blobs = found.map(({ blob }) => blob);
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
      const header = this.#sealer.open(bytes.subarray(headerStart, headerEnd));
      const faults = headerStart === end ? [] : [`its header begins at ${headerStart} instead of ${end}`];
      // What ought to be there is made and compared as a whole: there may be many blobs, and texts are needed only for what is wrong.
      return Buffer.compare(header, encodePackHeader(blobs)) === 0 ? faults : faults.concat(differences(header, blobs));
    } catch (error) {
      if (!CodedError.is(error) || !isDamage(error)) throw error;
      return [`its header: ${error.message}`];
    }
  }
}

/** How the header differs from what the index says. */
function differences(header: Uint8Array, blobs: readonly BlobRecord[]): string[] {
  let offset = 0;
  const listed = decodePackHeader(header).map((entry) => {
    offset += entry.sealedBytes;
    return describe({ ...entry, offset: offset - entry.sealedBytes });
  });
  const known = new Set(blobs.map(describe));
  const faults = listed.filter((entry) => !known.has(entry)).map((entry) => `the header lists a blob that the index does not: ${entry}`);
  if (listed.length !== blobs.length) faults.push(`the header lists ${listed.length} blobs and the index ${blobs.length}`);
  return faults;
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
