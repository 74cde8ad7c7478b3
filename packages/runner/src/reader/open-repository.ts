import { createHash } from 'node:crypto';
import type { RepositoryAccess } from '@holdfast/contract';
import type { BlobType, Repository, StoredSnapshot, TreeNode } from '@holdfast/engine';
import { type Clock, CodedError, type ErrorCode } from '@holdfast/kernel';
import type { TreeLoader } from '../vault/find-node.ts';
import { loadSnapshot } from '../vault/load-snapshot.ts';
import type { StorageOpener } from '../vault/open-storage.ts';
import { openVault, type Vault } from '../vault/open-vault.ts';
import { TreeMemory } from '../vault/tree-memory.ts';
import { readRetryMs } from './reader-options.ts';

/** What a read fails with when the index in memory is older than a prune or a backup that ended since. */
const outdated: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['blob-missing', 'blob-damaged', 'storage-not-found']);

/**
 * A repository that is kept open for reading, without a lock: a lock would keep the runs away that need the repository for themselves. Its
 * index is loaded when it is first needed, and again when a read fails by what it does not know.
 */
export class OpenRepository implements AsyncDisposable, TreeLoader {
  readonly repository: Repository;
  readonly #vault: Vault;
  readonly #configHash: string;
  readonly #snapshotTrees = new Map<string, string>();
  readonly #trees: TreeMemory;
  #index: Promise<void> | undefined;
  /** Loads follow each other: two at once would fill the index twice. */
  #loads: Promise<void> = Promise.resolve();

  private constructor(vault: Vault, configHash: string) {
    this.#vault = vault;
    this.repository = vault.repository;
    this.#configHash = configHash;
    this.#trees = new TreeMemory({ loadTree: (id, options) => this.#read(options ?? {}, () => this.repository.loadTree(id, options)) });
  }

  static async open(
    access: RepositoryAccess,
    ports: { readonly clock: Clock; readonly openStorage: StorageOpener },
    signal: AbortSignal,
  ): Promise<OpenRepository> {
    await using stack = new AsyncDisposableStack();
    const vault = stack.use(await openVault(access, { ...ports, signal, retryMs: readRetryMs, onRetry: () => undefined }));
    const opened = new OpenRepository(vault, await hashOfConfig(vault.repository, signal));
    stack.move();
    return opened;
  }

  get storage(): Repository['storage'] {
    return this.repository.storage;
  }

  /** Whether the place still holds this repository: its config is, byte for byte, the one that was opened. */
  async isStillThere(signal: AbortSignal): Promise<boolean> {
    try {
      return (await hashOfConfig(this.repository, signal)) === this.#configHash;
    } catch (error) {
      if (CodedError.is(error, 'storage-not-found')) return false;
      throw error;
    }
  }

  loadTree(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<TreeNode[]> {
    return this.#trees.loadTree(id, options);
  }

  loadBlob(type: BlobType, id: string, options: { readonly signal?: AbortSignal } = {}): Promise<Uint8Array> {
    return this.#read(options, () => this.repository.loadBlob(type, id, options));
  }

  /** The root tree of a snapshot. */
  async snapshotTree(snapshotId: string, signal: AbortSignal): Promise<string> {
    const known = this.#snapshotTrees.get(snapshotId);
    if (known !== undefined) return known;
    const { tree } = await loadSnapshot(this.repository, snapshotId, signal);
    this.#snapshotTrees.set(snapshotId, tree);
    return tree;
  }

  snapshots(signal: AbortSignal): Promise<readonly StoredSnapshot[]> {
    return this.repository.snapshots({ signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loads;
    this.repository.index.clear(); // it is the memory that counts; the rest is small
    await this.#vault[Symbol.asyncDispose]();
  }

  /** Reads by the index; if that turns out to be outdated it is loaded again and the read made once more. */
  async #read<T>(options: { readonly signal?: AbortSignal }, read: () => Promise<T>): Promise<T> {
    const index = this.#index ?? this.#load();
    await index;
    try {
      return await read();
    } catch (error) {
      if (!CodedError.is(error) || !outdated.has(error.code)) throw error;
      options.signal?.throwIfAborted();
      await (this.#index === undefined || this.#index === index ? this.#load() : this.#index);
      return await read();
    }
  }

  #load(): Promise<void> {
    const { index } = this.repository;
    const load = this.#loads.then(async () => {
      index.clear();
      await this.repository.loadIndex();
    });
    this.#index = load;
    this.#loads = load.catch(() => {
      if (this.#index === load) this.#index = undefined; // the next read tries again
    });
    return load;
  }
}

async function hashOfConfig({ storage }: Repository, signal: AbortSignal): Promise<string> {
  const config = await storage.load({ type: 'config', name: 'config' }, undefined, { signal });
  return createHash('sha256').update(config).digest('hex');
}
