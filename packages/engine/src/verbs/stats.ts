import { CodedError } from '@holdfast/kernel';
import type { CallOptions, Storage } from '@holdfast/storage/port';
import type { MasterKey } from '../crypto/master-key.ts';
import { sealOverheadBytes } from '../crypto/sealer.ts';
import { sha256 } from '../crypto/sha256.ts';
import type { TreeNode } from '../format/tree-node.ts';
import type { BlobIndex } from '../index/blob-index.ts';
import { TreeWalk } from './used-blobs/tree-walk.ts';
import { usedBit } from './used-blobs/tree-walk-job.ts';

/** What stats needs of a repository. Its index is loaded. */
export interface StatsRepository {
  readonly storage: Storage;
  readonly masterKey: MasterKey;
  readonly version: 1 | 2;
  readonly index: BlobIndex;
  loadTree(id: string, options?: CallOptions): Promise<readonly TreeNode[]>;
}

/**
 * What is counted: the bytes a restore would write (hard links once); files of distinct content; the blobs of each distinct file; or the
 * distinct blobs as they are stored.
 */
export type StatsMode = 'restore-size' | 'files-by-contents' | 'blobs-per-file' | 'raw-data';

export interface StatsOptions {
  readonly mode: StatsMode;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { readonly snapshotsDone: number; readonly snapshotsTotal: number }) => void;
}

/** restic's figures. A mode leaves at 0 what it does not count. */
export interface StatsReport {
  readonly snapshots: number;
  readonly totalBytes: number;
  readonly files: number;
  readonly blobs: number;
  /** Of `raw-data` in version 2: what all blobs would take uncompressed, with their seals. */
  readonly uncompressedBytes: number;
  /** Bytes of the blobs that are compressed: as they are, and as they would be. */
  readonly compressedBlobs: { readonly bytes: number; readonly uncompressedBytes: number };
}

/** Counts over the snapshots given. Damage ends it with an error. The caller holds a lock (not exclusive), or none. */
export async function stats(
  repository: StatsRepository,
  snapshots: readonly { readonly tree: string }[],
  options: StatsOptions,
): Promise<StatsReport> {
  if (options.mode === 'raw-data') return rawData(repository, snapshots, options);
  const counter = new FileCounter(repository, options);
  for (const [done, { tree }] of snapshots.entries()) {
    options.onProgress?.({ snapshotsDone: done, snapshotsTotal: snapshots.length });
    await counter.count(tree);
  }
  return { ...nothing, snapshots: snapshots.length, totalBytes: counter.totalBytes, files: counter.files, blobs: counter.blobs };
}

const nothing: StatsReport = {
  snapshots: 0,
  totalBytes: 0,
  files: 0,
  blobs: 0,
  uncompressedBytes: 0,
  compressedBlobs: { bytes: 0, uncompressedBytes: 0 },
};

async function rawData(
  repository: StatsRepository,
  snapshots: readonly { readonly tree: string }[],
  options: StatsOptions,
): Promise<StatsReport> {
  const { index } = repository;
  await using walk = new TreeWalk(repository);
  const roots = snapshots.map(({ tree }) => tree);
  await walk.mark(roots, { signal: options.signal });
  const problem = walk.problems[0];
  if (problem !== undefined) throw problem.error;
  let totalBytes = 0;
  let blobs = 0;
  let uncompressedTotal = 0;
  const compressedBlobs = { bytes: 0, uncompressedBytes: 0 };
  for (let record = 0; record < walk.marks.length; record++) {
    if (((walk.marks[record] as number) & usedBit) === 0) continue;
    const { sealedBytes, uncompressedBytes } = index.location(record);
    const plainBytes = uncompressedBytes > 0 ? uncompressedBytes + sealOverheadBytes : sealedBytes;
    blobs += 1;
    totalBytes += sealedBytes;
    if (repository.version === 2) uncompressedTotal += plainBytes;
    if (repository.version === 1 || uncompressedBytes === 0) continue;
    compressedBlobs.bytes += sealedBytes;
    compressedBlobs.uncompressedBytes += plainBytes;
  }
  return { ...nothing, snapshots: snapshots.length, totalBytes, blobs, uncompressedBytes: uncompressedTotal, compressedBlobs };
}

/** Counts files over several snapshots; what counts as the same file depends on the mode. */
class FileCounter {
  totalBytes = 0;
  files = 0;
  blobs = 0;
  readonly #repository: StatsRepository;
  readonly #options: StatsOptions;
  readonly #call: CallOptions;
  readonly #seenContents = new Set<string>();
  readonly #blobsOfPath = new Map<string, Set<string>>();
  #hardLinks = new Set<string>();

  constructor(repository: StatsRepository, options: StatsOptions) {
    this.#repository = repository;
    this.#options = options;
    this.#call = options.signal === undefined ? {} : { signal: options.signal };
  }

  async count(tree: string): Promise<void> {
    this.#hardLinks = new Set();
    await this.#countTree(tree, '');
  }

  async #countTree(tree: string, path: string): Promise<void> {
    this.#options.signal?.throwIfAborted();
    for (const node of await this.#repository.loadTree(tree, this.#call)) {
      const nodePath = `${path}/${Buffer.from(node.name).toString('latin1')}`;
      if (this.#options.mode === 'restore-size') this.#countRestored(node);
      else this.#countContents(node, nodePath);
      if (node.subtree !== undefined) await this.#countTree(node.subtree, nodePath);
    }
  }

  #countRestored(node: TreeNode): void {
    this.files += 1;
    if (node.links !== 1 && node.type !== 'dir') {
      const link = `${node.deviceId}:${node.inode}`;
      if (node.inode !== 0n && this.#hardLinks.has(link)) return;
      this.#hardLinks.add(link);
    }
    this.totalBytes += node.sizeBytes;
  }

  /** restic takes everything without content, directories too, for one file of no content; so do its figures, and ours. */
  #countContents(node: TreeNode, path: string): void {
    const content = node.content ?? [];
    const key = content.length < 2 ? (content[0] ?? '') : sha256(Buffer.from(content.join(''), 'hex')).toBase64();
    if (this.#seenContents.has(key)) return;
    this.#seenContents.add(key);
    if (this.#options.mode === 'files-by-contents') {
      this.totalBytes += node.sizeBytes;
      this.files += 1;
    } else for (const blob of content) this.#countBlob(blob, path);
  }

  #countBlob(blob: string, path: string): void {
    let known = this.#blobsOfPath.get(path);
    if (known === undefined) {
      known = new Set();
      this.#blobsOfPath.set(path, known);
      this.files += 1;
    }
    if (known.has(blob)) return;
    known.add(blob);
    this.blobs += 1;
    this.totalBytes += this.#plainBytes(blob);
  }

  #plainBytes(blob: string): number {
    const record = this.#repository.index.findHex('data', blob);
    if (record < 0) {
      throw new CodedError({
        code: 'blob-missing',
        message: `The data blob ${blob} is in no index of the repository`,
        hint: 'Run check to see which snapshots are affected.',
        context: { type: 'data', blob },
      });
    }
    const { sealedBytes, uncompressedBytes } = this.#repository.index.location(record);
    return uncompressedBytes > 0 ? uncompressedBytes : sealedBytes - sealOverheadBytes;
  }
}
