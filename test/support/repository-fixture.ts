import { Secret } from '@holdfast/kernel';
import { FaultStorage, InstantClock, noFaults, seededRandom } from '@holdfast/storage/fault';
import { MemoryStorage } from '@holdfast/storage/memory';
import type { ScryptParameters } from '../../packages/engine/src/crypto/scrypt.ts';
import { Sealer } from '../../packages/engine/src/crypto/sealer.ts';
import { sha256 } from '../../packages/engine/src/crypto/sha256.ts';
import { Zstd } from '../../packages/engine/src/crypto/zstd.ts';
import { encodeNode } from '../../packages/engine/src/format/encode-node.ts';
import { compareNames, encodeTree } from '../../packages/engine/src/format/encode-tree.ts';
import { LocalTimeFormatter } from '../../packages/engine/src/format/go-time.ts';
import { encodeSnapshot } from '../../packages/engine/src/format/snapshot.ts';
import type { TreeNode } from '../../packages/engine/src/format/tree-node.ts';
import { BlobIndex } from '../../packages/engine/src/index/blob-index.ts';
import type { BlobType } from '../../packages/engine/src/index/blob-type.ts';
import { loadIndex } from '../../packages/engine/src/repository/load-index.ts';
import { PackWriter } from '../../packages/engine/src/repository/pack-writer.ts';
import { Repository } from '../../packages/engine/src/repository/repository.ts';
import { UnpackedFiles } from '../../packages/engine/src/repository/unpacked-files.ts';

/** Files by path (`a/b/c`), each with the blobs of its content. */
export type FileSet = Readonly<Record<string, readonly (string | Uint8Array)[]>>;

/** What verbs need of a repository, over an index of its own. */
export type ReopenedRepository = Pick<Repository, 'version' | 'storage' | 'masterKey' | 'index' | 'snapshots' | 'saveFile' | 'packWriter'>;

export const fixturePassword = 'fixture';
const times = new LocalTimeFormatter('UTC');

/** For tests: a repository in memory, on which things can be made to go wrong, with snapshots written by the real pack writer. */
export class RepositoryFixture {
  readonly repository: Repository;
  readonly storage: FaultStorage;
  /** The files of the repository, by `type/name`; a new map may be put in its place. */
  readonly memory: MemoryStorage;
  readonly #sealer: Sealer;
  readonly #zstd = new Zstd();
  readonly #packSizeBytes: number;
  readonly #known = new Set<string>();
  #writer: PackWriter;

  private constructor(repository: Repository, storage: FaultStorage, memory: MemoryStorage, packSizeBytes: number) {
    this.repository = repository;
    this.storage = storage;
    this.memory = memory;
    this.#sealer = new Sealer(repository.masterKey);
    this.#packSizeBytes = packSizeBytes;
    this.#writer = repository.packWriter({ packSizeBytes });
  }

  static async make(
    options: { readonly version?: 1 | 2; readonly packSizeBytes?: number; readonly scrypt?: ScryptParameters } = {},
  ): Promise<RepositoryFixture> {
    const memory = new MemoryStorage();
    const storage = new FaultStorage(memory, noFaults, new InstantClock());
    const repository = await Repository.init({
      storage,
      password: new Secret(fixturePassword),
      version: options.version ?? 2,
      random: seededRandom(7),
      ...(options.scrypt === undefined ? {} : { scrypt: options.scrypt }),
    });
    return new RepositoryFixture(repository, storage, memory, options.packSizeBytes ?? 4096);
  }

  /** A snapshot of these files, and its ID. What the repository has already is not stored again. */
  async snapshot(files: FileSet, minute = 0): Promise<string> {
    const tree = await this.tree(files);
    await this.flush();
    return this.snapshotOf(tree, minute);
  }

  snapshotOf(tree: string, minute = 0): Promise<string> {
    const time = `2026-11-23T10:${String(minute).padStart(2, '0')}:00Z`;
    const fields = { username: 'root', uid: 0, gid: 0, excludes: [], tags: [], programVersion: '', summary: undefined };
    const json = encodeSnapshot({ time, parent: undefined, tree, paths: ['/fixture'], hostname: 'host', original: undefined, ...fields });
    return this.repository.saveFile('snapshot', json);
  }

  /** Stores the trees of these files and returns the ID of the root. */
  async tree(files: FileSet): Promise<string> {
    const names = Map.groupBy(Object.keys(files), (path) => path.split('/')[0] ?? '');
    const nodes: TreeNode[] = [];
    for (const [name, paths] of names) {
      const content = files[name];
      if (content !== undefined) {
        const blobs: string[] = [];
        for (const blob of content) blobs.push(await this.blob('data', typeof blob === 'string' ? Buffer.from(blob) : blob));
        nodes.push(nodeOf(name, { type: 'file', content: blobs, links: 1 }));
        continue;
      }
      const below = Object.fromEntries(paths.map((path) => [path.slice(name.length + 1), files[path] ?? []]));
      nodes.push(nodeOf(name, { type: 'dir', mode: 2147484141, subtree: await this.tree(below) }));
    }
    nodes.sort((a, b) => compareNames(a.name, b.name));
    return this.blob('tree', encodeTree(nodes.map((node) => encodeNode(node, times))));
  }

  /** Stores a blob unless it is there, or in any case with `again`. */
  async blob(type: BlobType, content: Uint8Array, again = false): Promise<string> {
    const id = sha256(content);
    const hex = Buffer.from(id).toString('hex');
    if (!again && this.#known.has(`${type} ${hex}`)) return hex;
    this.#known.add(`${type} ${hex}`);
    const frame = this.repository.version === 2 ? this.#zstd.compress(content, 3) : content;
    await this.#writer.add(type, id, this.#sealer.seal(frame), this.repository.version === 2 ? content.byteLength : 0);
    return hex;
  }

  /** Stores open packs and their index file. */
  async flush(): Promise<void> {
    await this.#writer.flush();
    this.#writer = this.repository.packWriter({ packSizeBytes: this.#packSizeBytes });
  }

  /** The repository as a process that opens it now finds it: with the index that is stored. */
  async reopen(): Promise<ReopenedRepository> {
    const { version, masterKey, clock, random } = this.repository;
    const { storage } = this;
    const files = new UnpackedFiles(storage, masterKey, version);
    const index = new BlobIndex();
    await loadIndex(storage, files, index, {});
    const saveIndex = (plaintext: Uint8Array): Promise<string> => files.save('index', plaintext, {});
    const ports = { storage, index, sealer: new Sealer(masterKey), clock, random, saveIndex };
    return {
      version,
      storage,
      masterKey,
      index,
      snapshots: (options) => this.repository.snapshots(options),
      saveFile: (type, plaintext, options = {}) => files.save(type, plaintext, options),
      packWriter: (options = {}) => new PackWriter(ports, options),
    };
  }

  /** The files as they are now. */
  copyFiles(): Map<string, Uint8Array> {
    return new Map([...this.memory.files].map(([key, bytes]) => [key, bytes.slice()]));
  }

  /** Puts the files back as they were copied. Blobs stored from now on are stored, whether they are among them or not. */
  restoreFiles(files: ReadonlyMap<string, Uint8Array>): void {
    this.#known.clear();
    this.memory.files.clear();
    for (const [key, bytes] of files) this.memory.files.set(key, bytes.slice());
  }

  namesOf(type: string): string[] {
    return [...this.memory.files.keys()].filter((key) => key.startsWith(`${type}/`)).map((key) => key.slice(type.length + 1));
  }
}

function nodeOf(name: string, fields: Partial<TreeNode> & Pick<TreeNode, 'type'>): TreeNode {
  const timeNs = 1_700_000_000_000_000_000n;
  return {
    name: Buffer.from(name),
    mode: 420,
    mtimeNs: timeNs,
    atimeNs: timeNs,
    ctimeNs: timeNs,
    uid: 0,
    gid: 0,
    user: '',
    group: '',
    inode: 7n,
    deviceId: 1n,
    sizeBytes: 0,
    links: 0,
    linkTarget: undefined,
    extendedAttributes: [],
    genericAttributes: undefined,
    device: 0n,
    content: null,
    subtree: undefined,
    error: undefined,
    ...fields,
  };
}
