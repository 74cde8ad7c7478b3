import { hashBytes, sha256Into } from '../../crypto/sha256.ts';
import { readAt } from '../../posix/file-calls.ts';
import { checked } from '../../posix/system-error.ts';
import { readSharedRecord } from '../pack-io/shared-record.ts';
import type { PlannedEntry } from './entry-record.ts';
import type { RestorePlan } from './restore-plan.ts';

/** Compares files with what the snapshot says they hold, blob by blob. Keeps a buffer: one for each thread. */
export class ContentComparison {
  readonly #plan: RestorePlan;
  readonly #throwIfCancelled: () => void;
  readonly #hash = new Uint8Array(hashBytes);
  #buffer = new Uint8Array(1 << 20);

  constructor(plan: RestorePlan, throwIfCancelled: () => void) {
    this.#plan = plan;
    this.#throwIfCancelled = throwIfCancelled;
  }

  /** For each place in the file's list of blobs 1 if the open file has that content there, else 0. */
  matches(fd: number, entry: PlannedEntry): Uint8Array {
    const matches = new Uint8Array(entry.contentCount);
    this.#plan.forEachBlob(entry, (record, place, offset, sizeBytes) => {
      this.#throwIfCancelled();
      if (this.#buffer.byteLength < sizeBytes) this.#buffer = new Uint8Array(sizeBytes);
      const bytes = this.#buffer.subarray(0, sizeBytes);
      if (checked(readAt(fd, bytes, offset), 'read') < sizeBytes) return;
      sha256Into(this.#hash, bytes);
      if (Buffer.compare(this.#hash, readSharedRecord(this.#plan.shared.blobs, record).id) === 0) matches[place] = 1;
    });
    return matches;
  }
}
