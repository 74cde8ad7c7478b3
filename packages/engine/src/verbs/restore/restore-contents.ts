import { CodedError, forEachBounded } from '@holdfast/kernel';
import { isDamage } from '../pack-io/is-damage.ts';
import { type LoadedBytes, LoadMemory } from '../pack-io/load-memory.ts';
import { longestRangeBytes, type PackRange, type WantedBlobs } from './content-queue.ts';
import type { RestoreCrew } from './restore-crew.ts';
import type { RestoreJobResult } from './restore-job.ts';
import type { RestoreLedger } from './restore-ledger.ts';
import type { RestoreRepository } from './restore-options.ts';
import type { RestorePlan } from './restore-plan.ts';

/** Bytes of packs in memory: loaded, waiting or being written. */
const budgetBytes = 64 << 20;

export interface ContentsToRestore {
  readonly repository: RestoreRepository;
  readonly plan: RestorePlan;
  readonly crew: RestoreCrew;
  readonly ledger: RestoreLedger;
  readonly signal: AbortSignal;
  /** Told at once of a failure that ends the restore, so that planning does not go on. */
  readonly onFailure: (error: unknown) => void;
}

/** Loads the packs and has their blobs written wherever they are wanted. What is lost becomes a problem of each file that wanted it. */
export class ContentRestorer {
  /** Files that were begun and whose last missing piece was given up: their metadata are still to be restored. */
  readonly unfinished: number[] = [];
  readonly #parts: ContentsToRestore;
  readonly #memory = new LoadMemory(budgetBytes, longestRangeBytes);

  constructor(parts: ContentsToRestore) {
    this.#parts = parts;
  }

  async run(ranges: AsyncIterable<PackRange>): Promise<void> {
    const { repository, crew, signal } = this.#parts;
    const limit = repository.storage.properties.connections + crew.size * 2;
    await forEachBounded(ranges, limit, (range) => this.#restoreRange(range), signal);
  }

  async #restoreRange(range: PackRange): Promise<void> {
    try {
      await this.#restoreLoaded(range);
    } catch (error) {
      this.#parts.onFailure(error);
      throw error;
    }
  }

  async #restoreLoaded(range: PackRange): Promise<void> {
    const { records, useStarts, useEntries, useOffsets } = range;
    const wanted = { records, useStarts, useEntries, useOffsets };
    let loaded: LoadedBytes;
    try {
      loaded = await this.#load(range);
    } catch (error) {
      this.#parts.signal.throwIfAborted();
      if (!isDamage(error)) throw error;
      for (const place of records.keys()) await this.#rescue(wanted, place, error);
      return;
    }
    const { badBlobs, ...result } = await this.#write(loaded, range.offset, wanted);
    this.#take(result);
    for (const { place, reason } of badBlobs) {
      await this.#rescue(
        wanted,
        place,
        new CodedError({ code: 'blob-damaged', message: `A blob in pack ${range.pack} is damaged: ${reason}` }),
      );
    }
  }

  #load({ pack, offset, length }: PackRange): Promise<LoadedBytes> {
    const { repository, signal } = this.#parts;
    return this.#memory.load(repository.storage, { type: 'data', name: pack }, { offset, length }, length, { signal });
  }

  async #write(loaded: LoadedBytes, offset: number, wanted: WantedBlobs): Promise<RestoreJobResult> {
    using held = loaded;
    return await this.#parts.crew.run({ kind: 'blobs', bytes: held.bytes, offset, wanted });
  }

  /** Tries to get the blob by itself, or from another pack that has it. */
  async #rescue(wanted: WantedBlobs, place: number, reason: CodedError): Promise<void> {
    const { repository, crew, signal } = this.#parts;
    const record = wanted.records[place] as number;
    const one = onlyBlob(wanted, place);
    let content: Uint8Array;
    try {
      const hasCopy = repository.index.find('data', repository.index.idBytes(record), 1) >= 0;
      if (reason.code === 'storage-not-found' && !hasCopy) throw reason;
      content = await repository.loadBlob('data', repository.index.id(record), { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!isDamage(error)) throw error;
      this.#giveUp(one, error);
      return;
    }
    this.#take(await crew.run({ kind: 'content', bytes: new Uint8Array(content), wanted: one }));
  }

  #giveUp(lost: WantedBlobs, cause: CodedError): void {
    const { plan, ledger, repository } = this.#parts;
    const { remaining, opened } = plan.shared;
    const blob = repository.index.id(lost.records[0] as number);
    for (const entry of lost.useEntries) {
      const path = JSON.stringify(plan.path(entry).toString());
      const error = new CodedError({
        code: cause.code === 'storage-not-found' ? 'blob-missing' : cause.code,
        message: `${path} is not whole: ${cause.message}`,
        hint: 'What could be read of it was restored, without its time. Run check --read-data to see what else is damaged, and take the file from another snapshot.',
        context: { blob },
        cause,
      });
      ledger.fail(entry, 'content', error);
      if (Atomics.sub(remaining, entry, 1) === 1 && Atomics.load(opened, entry) !== 0) this.unfinished.push(entry);
    }
  }

  #take(result: {
    readonly bytesWritten: number;
    readonly finished: readonly number[];
    readonly problems: Parameters<RestoreLedger['failures']>[0];
  }): void {
    const { ledger } = this.#parts;
    ledger.failures(result.problems);
    for (const number of result.finished) ledger.finish(number);
    ledger.wrote(result.bytesWritten);
  }
}

function onlyBlob({ records, useStarts, useEntries, useOffsets }: WantedBlobs, place: number): WantedBlobs {
  const start = useStarts[place] as number;
  const end = useStarts[place + 1] as number;
  return {
    records: records.slice(place, place + 1),
    useStarts: Uint32Array.of(0, end - start),
    useEntries: useEntries.slice(start, end),
    useOffsets: useOffsets.slice(start, end),
  };
}
