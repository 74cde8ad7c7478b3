import { type Clock, CodedError, type RandomSource, type Secret, systemClock, systemRandom, toHex } from '@holdfast/kernel';
import { bytesBody, type CallOptions, type Storage } from '@holdfast/storage/port';
import { randomPolynomial } from '../chunker/polynomial.ts';
import type { MasterKey } from '../crypto/master-key.ts';
import type { ScryptParameters } from '../crypto/scrypt.ts';
import type { ScryptThreads } from '../crypto/scrypt-lane.ts';
import { Sealer } from '../crypto/sealer.ts';
import { decodeConfig, encodeConfig } from '../format/config-file.ts';
import { decodeTree } from '../format/decode-tree.ts';
import type { KeyFile } from '../format/key-file.ts';
import { decodeSnapshot, type Snapshot } from '../format/snapshot.ts';
import type { TreeNode } from '../format/tree-node.ts';
import { BlobIndex } from '../index/blob-index.ts';
import type { BlobType } from '../index/blob-type.ts';
import { BlobReader, type LoadBlobOptions } from './blob-reader.ts';
import { createKey, findKey, loadKeyFile } from './keys.ts';
import { type IndexFiles, listIndexFiles, loadIndex } from './load-index.ts';
import { isStale, readLocks } from './lock-state.ts';
import { PackWriter, type PackWriterOptions } from './pack-writer.ts';
import { acquireLock, acquireLockEarly, type LockOptions, type LockPorts, type RepositoryLock } from './repository-lock.ts';
import { UnpackedFiles, type UnpackedType } from './unpacked-files.ts';

export interface OpenOptions extends CallOptions {
  readonly storage: Storage;
  readonly password: Secret;
  /** Name (or the start of it) of the key to try first. */
  readonly keyHint?: string | undefined;
  /** Threads that run already and can derive the key, such as those of a backup; default: some for this alone. */
  readonly scryptThreads?: ScryptThreads | undefined;
  readonly clock?: Clock;
  readonly random?: RandomSource;
}

export interface InitOptions extends OpenOptions {
  readonly version?: 1 | 2;
  /** Chunker polynomial to share with another repository; default: a fresh random one. */
  readonly polynomial?: bigint;
  readonly username?: string;
  readonly hostname?: string;
  /** Cost of opening a key; default: measured so that it takes half a second here. Less is for tests only. */
  readonly scrypt?: ScryptParameters;
}

export interface StoredSnapshot extends Snapshot {
  readonly id: string;
}

interface Parts {
  readonly id: string;
  readonly version: 1 | 2;
  readonly polynomial: bigint;
  readonly masterKey: MasterKey;
  readonly keyId: string;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** An open repository: restic's format over a storage, with the keys to read and write it. Owns the storage it was given. */
export class Repository implements AsyncDisposable {
  readonly id: string;
  readonly version: 1 | 2;
  readonly polynomial: bigint;
  readonly masterKey: MasterKey;
  /** Name of the key that the password opened. */
  readonly keyId: string;
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Empty until `loadIndex`. */
  readonly index = new BlobIndex();
  readonly #files: UnpackedFiles;
  readonly #blobs: BlobReader;

  private constructor(parts: Parts) {
    this.id = parts.id;
    this.version = parts.version;
    this.polynomial = parts.polynomial;
    this.masterKey = parts.masterKey;
    this.keyId = parts.keyId;
    this.storage = parts.storage;
    this.clock = parts.clock;
    this.random = parts.random;
    this.#files = new UnpackedFiles(parts.storage, parts.masterKey, parts.version);
    this.#blobs = new BlobReader(parts.storage, parts.masterKey, this.index);
  }

  /** Makes a new repository. Refuses with `repository-exists` where a config, a key or a snapshot is. */
  static async init(options: InitOptions): Promise<Repository> {
    const { storage, password, clock = systemClock, random = systemRandom, version = 2 } = options;
    await refuseExisting(storage, options);
    await storage.create(options);
    const masterKey: MasterKey = { encrypt: random.bytes(32), macK: random.bytes(16), macR: random.bytes(16) };
    const polynomial = options.polynomial ?? randomPolynomial(random);
    const id = toHex(random.bytes(32));
    const keyId = await createKey(storage, masterKey, password, { clock, random, ...options });
    const config = new Sealer(masterKey).seal(encodeConfig({ version, id, polynomial }));
    await storage.save({ type: 'config', name: 'config' }, bytesBody(config), options);
    return new Repository({ id, version, polynomial, masterKey, keyId, storage, clock, random });
  }

  /**
   * Opens a repository: finds the key that the password opens and reads the config. Errors: `repository-missing`, `wrong-password`,
   * `repository-unsupported`, `file-damaged`, and what the storage says.
   */
  static async open(options: OpenOptions): Promise<Repository> {
    const { storage, password, clock = systemClock, random = systemRandom } = options;
    const sealedConfig = await loadConfigFile(storage, options);
    const { masterKey, keyId } = await findKey(storage, password, options);
    const { id, version, polynomial } = decodeConfig(openConfig(masterKey, sealedConfig));
    return new Repository({ id, version, polynomial, masterKey, keyId, storage, clock, random });
  }

  /** Reads every index file, verified. List snapshots and take locks before: what they need is then in the index. */
  async loadIndex(options: CallOptions & { readonly onProgress?: (done: number, total: number) => void } = {}): Promise<void> {
    await loadIndex(this.storage, this.#files, this.index, options);
  }

  /**
   * Takes the lock and loads the index, the latter while the lock settles. What was read before the lock was held counts only if the index
   * files are still the same then: a prune may have ended in between, or a backup whose snapshot is met next.
   */
  async lockAndLoadIndex(options: LockOptions): Promise<RepositoryLock> {
    const loading = loadIndex(this.storage, this.#files, this.index, options);
    const [taken, early] = await Promise.allSettled([this.lock(options), loading]);
    if (taken.status === 'rejected') throw taken.reason;
    const lock = taken.value;
    try {
      const isGood = early.status === 'fulfilled' && isSameSet(early.value, await this.#indexFiles(options));
      if (!isGood) {
        this.index.clear();
        await this.loadIndex(options);
      }
      return lock;
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * The same for whoever has much to read before the first thing to store: the lock comes back while it settles, and nothing may be stored
   * before its `settled` resolves. It rejects with `repository-locked` where another process came in between.
   */
  async lockAndLoadIndexEarly(options: Omit<LockOptions, 'retryMs' | 'onWait'>): Promise<RepositoryLock> {
    const loading = Promise.withResolvers<IndexFiles>();
    loading.promise.catch(() => undefined); // whoever waits for it hears of it
    const confirm = async (): Promise<void> => {
      const read = await loading.promise;
      // More may have come: they take nothing away from what is known.
      if (!read.isSubsetOf(await this.#indexFiles(options))) throw changedMeanwhile(this.storage);
    };
    const lock = await acquireLockEarly(this.#lockPorts(), { ...options, confirm });
    try {
      loading.resolve(await loadIndex(this.storage, this.#files, this.index, options));
      return lock;
    } catch (error) {
      loading.reject(error);
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The plaintext of an index, snapshot or lock file, verified against its name. */
  loadFile(type: UnpackedType, name: string, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#files.load(type, name, options);
  }

  /** Stores an index, snapshot or lock file and returns its name. It was opened and compared before it left. */
  saveFile(type: UnpackedType, plaintext: Uint8Array, options: CallOptions = {}): Promise<string> {
    return this.#files.save(type, plaintext, options);
  }

  removeFile(type: UnpackedType | 'key' | 'data', name: string, options: CallOptions = {}): Promise<void> {
    return this.storage.remove({ type, name }, options);
  }

  /** The content of a blob, opened, decompressed and verified against its ID; from another copy if one is damaged. */
  loadBlob(type: BlobType, id: string, options: LoadBlobOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return this.#blobs.load(type, id, options);
  }

  async loadTree(id: string, options: CallOptions = {}): Promise<TreeNode[]> {
    return [...decodeTree(await this.loadBlob('tree', id, options))];
  }

  /** Every snapshot, in no order. */
  async snapshots(options: CallOptions = {}): Promise<readonly StoredSnapshot[]> {
    const files = await Array.fromAsync(this.storage.list('snapshot', options));
    return Promise.all(files.map(async ({ name }) => ({ ...decodeSnapshot(await this.loadFile('snapshot', name, options)), id: name })));
  }

  /** Takes restic's lock; comes back while it settles. For whoever stores nothing, or waits for its `settled` first. */
  lockEarly(options: Omit<LockOptions, 'retryMs' | 'onWait'>): Promise<RepositoryLock> {
    return acquireLockEarly(this.#lockPorts(), { ...options, confirm: async () => undefined });
  }

  /** Takes restic's lock; `repository-locked` if another process holds one that excludes it. */
  lock(options: LockOptions): Promise<RepositoryLock> {
    return acquireLock(this.#lockPorts(), options);
  }

  /** Every lock and whether `unlock` may take it for stale by restic's rule; undefined for one that cannot be read. */
  async locks(options: CallOptions = {}): Promise<{ readonly name: string; readonly isStale: boolean | undefined }[]> {
    const locks = await readLocks(this.storage, this.#files, options);
    return locks.map(({ name, lock }) => ({ name, isStale: lock && isStale(lock, this.clock.nowNs()) }));
  }

  /** Every key's file, decoded; the password is needed for none of them. */
  async keys(options: CallOptions = {}): Promise<{ readonly id: string; readonly file: KeyFile }[]> {
    const files = await Array.fromAsync(this.storage.list('key', options));
    return Promise.all(files.map(async ({ name }) => ({ id: name, file: await loadKeyFile(this.storage, name, options) })));
  }

  /** Wraps the master key with one more password and returns the new key's name. */
  addKey(password: Secret, options: CallOptions & { readonly username?: string; readonly hostname?: string } = {}): Promise<string> {
    return createKey(this.storage, this.masterKey, password, { clock: this.clock, random: this.random, ...options });
  }

  packWriter(options: PackWriterOptions = {}): PackWriter {
    const ports = {
      storage: this.storage,
      index: this.index,
      sealer: new Sealer(this.masterKey),
      clock: this.clock,
      random: this.random,
      saveIndex: (plaintext: Uint8Array) => this.saveFile('index', plaintext),
    };
    return new PackWriter(ports, options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.storage[Symbol.asyncDispose]();
  }

  #lockPorts(): LockPorts {
    return { storage: this.storage, files: this.#files, clock: this.clock, random: this.random };
  }

  async #indexFiles(options: CallOptions): Promise<IndexFiles> {
    return new Set(await listIndexFiles(this.storage, options));
  }
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

async function refuseExisting(storage: Storage, options: CallOptions): Promise<void> {
  const exists = await storage.stat({ type: 'config', name: 'config' }, options).then(
    () => true,
    (error: unknown) => {
      if (CodedError.is(error, 'storage-not-found')) return false;
      throw error;
    },
  );
  if (exists) throw repositoryExists(storage, 'its config file is there');
  for (const type of ['key', 'snapshot'] as const) {
    for await (const _ of storage.list(type, options)) throw repositoryExists(storage, `it has a ${type} file`);
  }
}

function repositoryExists(storage: Storage, what: string): CodedError {
  return new CodedError({
    code: 'repository-exists',
    message: `${storage.properties.description} holds a repository already: ${what}`,
    hint: 'Open it with its password, or choose another place for a new repository.',
  });
}

function changedMeanwhile(storage: Storage): CodedError {
  return new CodedError({
    code: 'repository-locked',
    message: `The repository at ${storage.properties.description} was rewritten by another process just now`,
    hint: 'Nothing was stored. Run it again.',
    retry: 'temporary',
  });
}

async function loadConfigFile(storage: Storage, options: CallOptions): Promise<Uint8Array> {
  try {
    return await storage.load({ type: 'config', name: 'config' }, undefined, options);
  } catch (cause) {
    if (!CodedError.is(cause, 'storage-not-found')) throw cause;
    throw new CodedError({
      code: 'repository-missing',
      message: `There is no repository at ${storage.properties.description}`,
      hint: 'Check the place for a spelling mistake or a missing mount, or make a repository there with init.',
      cause,
    });
  }
}

function openConfig(masterKey: MasterKey, sealed: Uint8Array): Uint8Array {
  try {
    return new Sealer(masterKey).open(sealed);
  } catch (cause) {
    if (!CodedError.is(cause, 'file-damaged')) throw cause;
    throw new CodedError({
      code: 'file-damaged',
      message: 'The config file of the repository is damaged',
      hint: 'Restore the file named config from a copy of the repository; without it nothing can be read.',
      cause,
    });
  }
}
