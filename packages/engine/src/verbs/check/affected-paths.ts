import { CodedError } from '@holdfast/kernel';
import type { CallOptions } from '@holdfast/storage/port';
import { decodeTree } from '../../format/decode-tree.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import { BlobOpener } from '../pack-io/blob-opener.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import { TreePacks } from '../used-blobs/tree-packs.ts';
import type { TreeRepository } from '../used-blobs/tree-walk.ts';
import type { AffectedPath } from './check-report.ts';
import type { LostBlobs } from './lost-blobs.ts';

export interface AffectedPathsOptions {
  /** How many paths to name at most. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((snapshotsDone: number, snapshotsTotal: number) => void) | undefined;
}

const slash = Buffer.from('/');

/** Names the files and directories that need lost blobs. Walks every snapshot, but a tree without losses below it only once. */
export class AffectedPaths {
  readonly #repository: TreeRepository;
  readonly #lost: LostBlobs;
  readonly #options: AffectedPathsOptions;
  readonly #packs: TreePacks;
  readonly #opener: BlobOpener;
  readonly #clean = new Set<number>();
  readonly #found: AffectedPath[] = [];
  #isFull = false;

  constructor(repository: TreeRepository, lost: LostBlobs, options: AffectedPathsOptions) {
    this.#repository = repository;
    this.#lost = lost;
    this.#options = options;
    this.#packs = new TreePacks(repository.storage, repository.index);
    this.#opener = new BlobOpener(repository.masterKey);
  }

  async find(
    snapshots: readonly { readonly id: string; readonly tree: string }[],
  ): Promise<{ paths: AffectedPath[]; isComplete: boolean }> {
    for (const [done, { id, tree }] of snapshots.entries()) {
      if (this.#isFull) break;
      this.#options.onProgress?.(done, snapshots.length);
      await this.#walk(id, tree, Buffer.alloc(0));
    }
    return { paths: this.#found, isComplete: !this.#isFull };
  }

  /** Returns whether something at or below the tree is lost. */
  async #walk(snapshotId: string, treeId: string, path: Buffer): Promise<boolean> {
    const record = this.#repository.index.findHex('tree', treeId);
    if (this.#clean.has(record)) return false;
    const nodes = record < 0 || this.#lost.has('tree', treeId) ? undefined : await this.#read(treeId);
    if (nodes === undefined) {
      this.#report({ snapshotId, path: path.byteLength === 0 ? slash : path, isDirectory: true });
      return true;
    }
    let hasLoss = false;
    for (const node of nodes) {
      if (this.#isFull) return true;
      const below = (): Buffer => Buffer.concat([path, slash, node.name]);
      if (node.content?.some((blob) => this.#lost.has('data', blob)) === true) {
        this.#report({ snapshotId, path: below(), isDirectory: false });
        hasLoss = true;
      } else if (node.subtree !== undefined && (await this.#walk(snapshotId, node.subtree, below()))) hasLoss = true;
    }
    if (!hasLoss) this.#clean.add(record);
    return hasLoss;
  }

  #report(affected: AffectedPath): void {
    if (this.#found.length >= this.#options.limit) this.#isFull = true;
    else this.#found.push(affected);
  }

  /** From any copy; undefined if there is none that can be read. */
  async #read(treeId: string): Promise<readonly TreeNode[] | undefined> {
    const { index } = this.#repository;
    const call: CallOptions = this.#options.signal === undefined ? {} : { signal: this.#options.signal };
    for (let skip = 0; ; skip++) {
      const record = index.findHex('tree', treeId, skip);
      if (record < 0) return undefined;
      this.#options.signal?.throwIfAborted();
      const { pack, offset, sealedBytes, uncompressedBytes } = index.location(record);
      try {
        for (const read of this.#packs.read(pack, [record], call)) {
          const sealed = (await read.bytes).subarray(offset - read.startOffset, offset - read.startOffset + sealedBytes);
          return [...decodeTree(this.#opener.open(sealed, uncompressedBytes, index.idBytes(record)).content, { tolerateDisorder: true })];
        }
      } catch (error) {
        if (!CodedError.is(error) || !isDamage(error)) throw error;
      }
    }
  }
}
