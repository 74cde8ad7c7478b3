import { basename } from 'node:path';
import {
  type ReportedError,
  type RepositoryAccess,
  type SnapshotEntry,
  type StorageOptions,
  type StorageSecrets,
  storagePlace,
} from '@holdfast/contract';
import { compareNames, dump, pathBytes, Repository, type StoredSnapshot } from '@holdfast/engine';
import { CodedError, type Secret, systemClock, systemRandom } from '@holdfast/kernel';
import { reportedError } from '../plan/reported-error.ts';
import { findNode } from '../vault/find-node.ts';
import { openStorage } from '../vault/open-storage.ts';
import { entryFacts } from './entry-facts.ts';
import { freeBytes, type Probe, probePlace } from './probe-place.ts';
import { readRetryMs, type VaultReaderOptions } from './reader-options.ts';
import { RepositoryCache } from './repository-cache.ts';

/** How a storage server is doing. */
export interface VaultStatus {
  readonly reachable: boolean;
  /** What all files of the repository take. */
  readonly usedBytes: number | null;
  readonly freeBytes: number | null;
  readonly snapshots: number | null;
  /** How long its first answer took. */
  readonly latencyMs: number | null;
  readonly error: ReportedError | null;
}

export interface DirectoryEntries {
  readonly path: string;
  readonly entries: SnapshotEntry[];
  /** Whether there are more than were asked for. */
  readonly truncated: boolean;
}

/** A file's bytes, or a directory as tar. To be disposed of also when it is not read to its end. */
export interface Download extends AsyncDisposable {
  readonly kind: 'file' | 'tar';
  readonly fileName: string;
  /** Null for a tar. */
  readonly sizeBytes: number | null;
  /** Can be read once. Only a stream that ended without an error is whole. */
  readonly content: AsyncIterable<Uint8Array>;
}

const fileTypes = ['config', 'key', 'snapshot', 'index', 'lock', 'data'] as const;

/**
 * Reads repositories for people who wait: tries places, makes repositories, lists snapshots, browses and downloads. Repositories stay open
 * for a while, so that a second look takes milliseconds. Reads take no lock, except a download, which keeps a prune away while it lasts.
 */
export class VaultReader implements AsyncDisposable {
  readonly #ports: { readonly clock: NonNullable<VaultReaderOptions['clock']>; readonly openStorage: typeof openStorage };
  readonly #cache: RepositoryCache;

  constructor(options: VaultReaderOptions = {}) {
    this.#ports = { clock: options.clock ?? systemClock, openStorage: options.openStorage ?? openStorage };
    this.#cache = new RepositoryCache({ ...this.#ports, mostOpen: options.mostOpen ?? 4, idleMs: options.idleMs ?? 300_000 });
  }

  /** How many repositories are open now. */
  get openCount(): number {
    return this.#cache.size;
  }

  /** Tries a place without leaving anything there. */
  probe(options: StorageOptions, signal: AbortSignal, secrets?: StorageSecrets): Promise<Probe> {
    return probePlace(options, { ...this.#ports, secrets }, signal);
  }

  /**
   * Makes the directory and a new repository in it and returns the repository's id. `like`: a repository to share the way of cutting files
   * with, so that one run deduplicates alike on both. `repository-exists` if there is one.
   */
  async init(
    options: StorageOptions,
    password: Secret,
    signal: AbortSignal,
    { like, secrets }: { readonly like?: RepositoryAccess | undefined; readonly secrets?: StorageSecrets | undefined } = {},
  ): Promise<string> {
    const polynomial = like === undefined ? {} : { polynomial: await this.#polynomial(like, signal) };
    await using storage = this.#storage(options, secrets);
    await using repository = await Repository.init({
      storage,
      password,
      clock: this.#ports.clock,
      random: systemRandom,
      signal,
      ...polynomial,
    });
    return repository.id;
  }

  /** Opens the repository that is there and returns its id. `repository-missing`, `wrong-password`, `repository-unsupported`. */
  async adopt(options: StorageOptions, password: Secret, signal: AbortSignal, secrets?: StorageSecrets): Promise<string> {
    await using storage = this.#storage(options, secrets);
    await using repository = await Repository.open({ storage, password, clock: this.#ports.clock, signal });
    return repository.id;
  }

  /** How a storage server is doing; what is wrong with it is in the status, not thrown. */
  async status(access: RepositoryAccess, signal: AbortSignal): Promise<VaultStatus> {
    const free = access.storage.driver === 'local' ? await freeBytes(access.storage.path) : null;
    const startMs = performance.now();
    let latencyMs: number | null = null;
    try {
      await using storage = this.#storage(access.storage, access.secrets);
      await storage.stat({ type: 'config', name: 'config' }, { signal });
      latencyMs = performance.now() - startMs;
      await this.#verify(access, signal);
      let usedBytes = 0;
      let snapshots = 0;
      for (const type of fileTypes) {
        for await (const { sizeBytes } of storage.list(type, { signal })) {
          usedBytes += sizeBytes;
          if (type === 'snapshot') snapshots += 1;
        }
      }
      return { reachable: true, usedBytes, freeBytes: free, snapshots, latencyMs, error: null };
    } catch (error) {
      signal.throwIfAborted();
      const reported = CodedError.is(error, 'storage-not-found') ? missing(access, error) : error;
      return { reachable: false, usedBytes: null, freeBytes: free, snapshots: null, latencyMs, error: reportedError(reported) };
    }
  }

  /** Every snapshot that is there now, in no order. */
  async snapshots(access: RepositoryAccess, signal: AbortSignal): Promise<readonly StoredSnapshot[]> {
    await using lease = await this.#cache.use(access, signal);
    return await lease.open.snapshots(signal);
  }

  /** What a directory of a snapshot holds: directories first, then by name. At most so many entries. */
  async entries(access: RepositoryAccess, snapshotId: string, path: string, limit: number, signal: AbortSignal): Promise<DirectoryEntries> {
    await using lease = await this.#cache.use(access, signal);
    const { tree } = await findNode(lease.open, await lease.open.snapshotTree(snapshotId, signal), path, signal);
    if (tree === undefined) throw noDirectory(path);
    const nodes = await lease.open.loadTree(tree, { signal });
    const rank = (type: string): number => (type === 'dir' ? 0 : 1);
    const sorted = nodes.toSorted((a, b) => rank(a.type) - rank(b.type) || compareNames(a.name, b.name));
    return { path, entries: sorted.slice(0, limit).map((node) => entryFacts(path, node)), truncated: nodes.length > limit };
  }

  /** One entry of a snapshot; null for its root, of which nothing is stored. `path-not-found` if there is none. */
  async stat(access: RepositoryAccess, snapshotId: string, path: string, signal: AbortSignal): Promise<SnapshotEntry | null> {
    await using lease = await this.#cache.use(access, signal);
    const { node } = await findNode(lease.open, await lease.open.snapshotTree(snapshotId, signal), path, signal);
    return node === undefined ? null : entryFacts(parentOf(path), node);
  }

  /**
   * A file of a snapshot, or a directory as tar. Holds a shared lock until it was read or disposed of; `repository-locked` while a prune or a
   * check has the repository for itself.
   */
  async download(access: RepositoryAccess, snapshotId: string, path: string, signal: AbortSignal): Promise<Download> {
    await using stack = new AsyncDisposableStack();
    const { open } = stack.use(await this.#cache.use(access, signal));
    const root = await open.snapshotTree(snapshotId, signal);
    const { node } = await findNode(open, root, path, signal);
    const lock = stack.use(await open.repository.lockEarly({ exclusive: false, signal }));
    const stop = AbortSignal.any([signal, lock.signal]);
    const { kind, content } = await dump(open, { tree: root, path: pathBytes(path), signal: stop });
    const name = node === undefined ? `snapshot-${snapshotId.slice(0, 8)}` : basename(entryFacts('/', node).path);
    const held = stack.move();
    return {
      kind,
      fileName: kind === 'tar' ? `${name}.tar` : name,
      sizeBytes: kind === 'file' ? (node?.sizeBytes ?? null) : null,
      content: whileHeld(content, held),
      [Symbol.asyncDispose]: () => held.disposeAsync(),
    };
  }

  /** Closes all repositories. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cache[Symbol.asyncDispose]();
  }

  /** The repository that is there must be the one that is meant. Opening it proves that; later its config need only be the same. */
  async #verify(access: RepositoryAccess, signal: AbortSignal): Promise<void> {
    {
      await using lease = await this.#cache.use(access, signal);
      if (await lease.open.isStillThere(signal)) return;
      lease.forsake();
    }
    const other = await this.#cache.use(access, signal); // says what is there in its place
    await other[Symbol.asyncDispose]();
  }

  async #polynomial(access: RepositoryAccess, signal: AbortSignal): Promise<bigint> {
    await using lease = await this.#cache.use(access, signal);
    return lease.open.repository.polynomial;
  }

  #storage(options: StorageOptions, secrets: StorageSecrets | undefined): ReturnType<typeof openStorage> {
    const { clock } = this.#ports;
    return this.#ports.openStorage(options, { clock, retryMs: readRetryMs, onRetry: () => undefined, secrets });
  }
}

async function* whileHeld(content: AsyncIterable<Uint8Array>, held: AsyncDisposable): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } finally {
    await held[Symbol.asyncDispose]();
  }
}

function parentOf(path: string): string {
  return path.replace(/\/+$/, '').replace(/[^/]*$/, '');
}

function missing(access: RepositoryAccess, cause: unknown): CodedError {
  return new CodedError({
    code: 'repository-missing',
    message: `There is no repository at ${storagePlace(access.storage)}`,
    hint:
      access.storage.driver === 'local'
        ? 'Is its disk mounted? Look whether the directory was moved or removed.'
        : 'Look whether the bucket and the prefix are right, and whether somebody removed it.',
    cause,
  });
}

function noDirectory(path: string): CodedError {
  return new CodedError({
    code: 'path-not-found',
    message: `${JSON.stringify(path)} is no directory of the snapshot`,
    hint: 'Look at the directory that it is in.',
  });
}
