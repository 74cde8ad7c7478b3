import { CodedError } from '@holdfast/kernel';
import type { BlobTable } from '../../index/blob-table.ts';
import type { BlobType } from '../../index/blob-type.ts';
import type { BackupDestination, BlobSink, DestinationReport } from './destination.ts';

/** The run's view of one destination: takes its blobs, counts them, and keeps its failure from stopping the others. */
export class DestinationWriter {
  readonly destination: BackupDestination;
  readonly #sink: BlobSink | undefined;
  #error: CodedError | undefined;
  #snapshot: string | undefined;
  #dataBlobs = 0;
  #treeBlobs = 0;
  #dataAdded = 0;
  #dataAddedPacked = 0;
  #dryPack = -1;

  /** Without a sink (a dry run) blobs are counted and forgotten. */
  constructor(destination: BackupDestination, sink: BlobSink | undefined) {
    this.destination = destination;
    this.#sink = sink;
    const lost = destination.lock?.signal;
    if (lost?.aborted === true) this.fail(lost.reason);
    else lost?.addEventListener('abort', () => this.fail(lost.reason), { once: true });
  }

  get failed(): boolean {
    return this.#error !== undefined;
  }

  get error(): CodedError | undefined {
    return this.#error;
  }

  get table(): BlobTable | null {
    return this.failed ? null : this.destination.repository.index.share();
  }

  /** Takes a blob unless the repository has it by now, because another thread sealed the same. */
  take(type: BlobType, id: Uint8Array, sealed: Uint8Array, uncompressedBytes: number, contentBytes: number): void {
    const { index } = this.destination.repository;
    if (this.failed || index.find(type, id) >= 0) return;
    if (type === 'data') this.#dataBlobs += 1;
    else this.#treeBlobs += 1;
    this.#dataAdded += contentBytes;
    this.#dataAddedPacked += sealed.byteLength;
    if (this.#sink !== undefined) {
      this.#sink.add(type, id, sealed, uncompressedBytes).catch((error: unknown) => this.fail(error));
      return;
    }
    if (this.#dryPack < 0) this.#dryPack = index.addPack('');
    index.add(type, id, { pack: this.#dryPack, offset: 0, sealedBytes: sealed.byteLength, uncompressedBytes });
  }

  /** Runs a step of this destination; its failure is kept, not thrown. */
  async attempt(step: (sink: BlobSink | undefined) => Promise<void>): Promise<void> {
    if (this.failed) return;
    try {
      await step(this.#sink);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Names in an index what was stored, so that the next run finds it. For runs that end early. */
  async abandon(): Promise<void> {
    await this.attempt(async (sink) => sink?.abandon());
  }

  setSnapshot(id: string): void {
    this.#snapshot = id;
  }

  fail(error: unknown): void {
    this.#error ??= CodedError.is(error)
      ? error
      : new CodedError({ code: 'internal', message: error instanceof Error ? error.message : String(error), cause: error });
  }

  report(): DestinationReport {
    return {
      repository: this.destination.repository.id,
      snapshot: this.#snapshot,
      error: this.#error,
      dataBlobs: this.#dataBlobs,
      treeBlobs: this.#treeBlobs,
      dataAdded: this.#dataAdded,
      dataAddedPacked: this.#dataAddedPacked,
    };
  }
}
