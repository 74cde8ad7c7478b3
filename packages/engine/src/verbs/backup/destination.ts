import type { CodedError } from '@holdfast/kernel';
import type { MasterKey } from '../../crypto/master-key.ts';
import type { Snapshot } from '../../format/snapshot.ts';
import type { BlobIndex } from '../../index/blob-index.ts';
import type { BlobType } from '../../index/blob-type.ts';
import type { SpareMemory } from '../../posix/spare-memory.ts';

/** Where sealed blobs go: `Repository.packWriter` gives one. */
export interface BlobSink {
  add(type: BlobType, id: Uint8Array, sealed: Uint8Array, uncompressedBytes: number): Promise<void>;
  room(): Promise<void>;
  flush(): Promise<void>;
  abandon(): Promise<void>;
}

/** What a backup needs of a repository. */
export interface BackupRepository {
  readonly id: string;
  readonly version: 1 | 2;
  readonly polynomial: bigint;
  readonly masterKey: MasterKey;
  readonly index: BlobIndex;
  loadBlob(
    type: BlobType,
    id: string,
    options?: { readonly signal?: AbortSignal | undefined; readonly memory?: ArrayBuffer | undefined },
  ): Promise<Uint8Array<ArrayBuffer>>;
  saveFile(type: 'snapshot', plaintext: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<string>;
  packWriter(options: {
    readonly packSizeBytes?: number | undefined;
    readonly packsInTransit?: number | undefined;
    readonly memory?: SpareMemory | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly after?: Promise<void> | undefined;
  }): BlobSink;
}

/** What a backup needs of a lock: `RepositoryLock` is one. */
export interface BackupLock {
  readonly settled: Promise<void>;
  readonly signal: AbortSignal;
  assertHeld(): Promise<void>;
}

/** One repository that the backup goes to, opened, locked and with its index loaded. */
export interface BackupDestination {
  readonly repository: BackupRepository;
  /** The snapshot to compare with; undefined for a first backup. */
  readonly parent: (Snapshot & { readonly id: string }) | undefined;
  /** The lock it is under. Nothing is stored before it has settled, no snapshot is written unless it is held, and its loss ends this destination. */
  readonly lock?: BackupLock | undefined;
}

/** How a destination ended: with a snapshot (or none, because nothing changed), or with the error that took it out of the run. */
export interface DestinationReport {
  readonly repository: string;
  readonly snapshot: string | undefined;
  readonly error: CodedError | undefined;
  readonly dataBlobs: number;
  readonly treeBlobs: number;
  /** Content of the new blobs, and what they take in packs. */
  readonly dataAdded: number;
  readonly dataAddedPacked: number;
}
