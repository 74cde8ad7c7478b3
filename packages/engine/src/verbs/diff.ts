import type { CallOptions } from '@holdfast/storage/port';
import { compareNames } from '../format/encode-tree.ts';
import type { TreeNode } from '../format/tree-node.ts';

/** What a comparison needs of a repository. Its index is loaded. */
export interface DiffRepository {
  loadTree(id: string, options?: CallOptions): Promise<readonly TreeNode[]>;
}

/** restic's signs: added, removed, content modified, type changed, metadata changed (`U`). */
export type ChangeSign = '+' | '-' | 'M' | 'T' | 'U';

export interface Change {
  /** Raw bytes; directories end in a slash. */
  readonly path: Buffer;
  readonly signs: string;
}

export interface DiffStats {
  files: number;
  dirs: number;
  others: number;
  dataBlobs: number;
  treeBlobs: number;
  bytes: number;
}

export interface DiffReport {
  readonly changedFiles: number;
  readonly added: DiffStats;
  readonly removed: DiffStats;
}

export interface DiffOptions extends CallOptions {
  /** Also tell entries of which only metadata changed. */
  readonly metadata?: boolean;
  readonly onChange: (change: Change) => void;
  /** Length of a blob's content; for the figures. */
  readonly blobBytes: (type: 'data' | 'tree', id: string) => number;
}

const slash = Buffer.from('/');
const noStats = (): DiffStats => ({ files: 0, dirs: 0, others: 0, dataBlobs: 0, treeBlobs: 0, bytes: 0 });

/** Compares two trees; equal subtrees are not looked into. */
export async function diff(repository: DiffRepository, before: string, after: string, options: DiffOptions): Promise<DiffReport> {
  const comparison = new TreeComparison(repository, options);
  await comparison.trees(before, after, Buffer.from('/'));
  return comparison.report();
}

class TreeComparison {
  readonly #repository: DiffRepository;
  readonly #options: DiffOptions;
  readonly #added = noStats();
  readonly #removed = noStats();
  readonly #blobs = { before: new Set<string>(), after: new Set<string>() };
  #changedFiles = 0;

  constructor(repository: DiffRepository, options: DiffOptions) {
    this.#repository = repository;
    this.#options = options;
  }

  report(): DiffReport {
    const count = (stats: DiffStats, own: ReadonlySet<string>, other: ReadonlySet<string>): void => {
      for (const key of own) {
        if (other.has(key)) continue;
        const type = key.startsWith('t') ? 'tree' : 'data';
        if (type === 'tree') stats.treeBlobs += 1;
        else stats.dataBlobs += 1;
        stats.bytes += this.#options.blobBytes(type, key.slice(1));
      }
    };
    count(this.#added, this.#blobs.after, this.#blobs.before);
    count(this.#removed, this.#blobs.before, this.#blobs.after);
    return { changedFiles: this.#changedFiles, added: this.#added, removed: this.#removed };
  }

  async trees(before: string, after: string, prefix: Buffer): Promise<void> {
    if (before === after) return;
    this.#options.signal?.throwIfAborted();
    this.#blobs.before.add(`t${before}`);
    this.#blobs.after.add(`t${after}`);
    const [old, now] = await Promise.all([
      this.#repository.loadTree(before, this.#options),
      this.#repository.loadTree(after, this.#options),
    ]);
    let [i, j] = [0, 0];
    while (i < old.length || j < now.length) {
      const [a, b] = [old[i], now[j]];
      const order = a === undefined ? 1 : b === undefined ? -1 : compareNames(a.name, b.name);
      if (order <= 0) i += 1;
      if (order >= 0) j += 1;
      if (order < 0 && a !== undefined) await this.#oneSided(a, prefix, '-', this.#removed, this.#blobs.before);
      else if (order > 0 && b !== undefined) await this.#oneSided(b, prefix, '+', this.#added, this.#blobs.after);
      else if (a !== undefined && b !== undefined) await this.#both(a, b, prefix);
    }
  }

  async #both(a: TreeNode, b: TreeNode, prefix: Buffer): Promise<void> {
    this.#note(a, this.#blobs.before);
    this.#note(b, this.#blobs.after);
    let signs = '';
    if (a.type !== b.type) signs = 'T';
    else if (a.type === 'file' && a.content?.join() !== b.content?.join()) {
      signs = 'M';
      this.#changedFiles += 1;
    } else if (this.#options.metadata === true && !sameMetadata(a, b)) signs = 'U';
    if (signs !== '') this.#options.onChange({ path: pathOf(prefix, b), signs });
    const below = Buffer.concat([prefix, b.name, slash]);
    if (a.subtree !== undefined && b.subtree !== undefined) await this.trees(a.subtree, b.subtree, below);
    else if (a.subtree !== undefined) await this.#all(a.subtree, below, '-', this.#removed, this.#blobs.before);
    else if (b.subtree !== undefined) await this.#all(b.subtree, below, '+', this.#added, this.#blobs.after);
  }

  async #oneSided(node: TreeNode, prefix: Buffer, sign: ChangeSign, stats: DiffStats, blobs: Set<string>): Promise<void> {
    this.#options.onChange({ path: pathOf(prefix, node), signs: sign });
    if (node.type === 'file') stats.files += 1;
    else if (node.type === 'dir') stats.dirs += 1;
    else stats.others += 1;
    this.#note(node, blobs);
    if (node.subtree !== undefined) await this.#all(node.subtree, Buffer.concat([prefix, node.name, slash]), sign, stats, blobs);
  }

  async #all(tree: string, prefix: Buffer, sign: ChangeSign, stats: DiffStats, blobs: Set<string>): Promise<void> {
    this.#options.signal?.throwIfAborted();
    blobs.add(`t${tree}`);
    for (const node of await this.#repository.loadTree(tree, this.#options)) await this.#oneSided(node, prefix, sign, stats, blobs);
  }

  #note(node: TreeNode, blobs: Set<string>): void {
    for (const id of node.content ?? []) blobs.add(`d${id}`);
    if (node.subtree !== undefined) blobs.add(`t${node.subtree}`);
  }
}

function pathOf(prefix: Buffer, node: TreeNode): Buffer {
  return node.type === 'dir' ? Buffer.concat([prefix, node.name, slash]) : Buffer.concat([prefix, node.name]);
}

/** Everything but the content and what a new inode or access changes. */
function sameMetadata(a: TreeNode, b: TreeNode): boolean {
  const sameTarget = Buffer.compare(a.linkTarget ?? new Uint8Array(0), b.linkTarget ?? new Uint8Array(0)) === 0;
  const attributes = (node: TreeNode): string =>
    JSON.stringify(
      node.extendedAttributes.map(({ name, value }) => [Buffer.from(name).toString('hex'), Buffer.from(value).toString('hex')]),
    );
  return (
    a.mode === b.mode &&
    a.mtimeNs === b.mtimeNs &&
    a.ctimeNs === b.ctimeNs &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.inode === b.inode &&
    a.links === b.links &&
    a.device === b.device &&
    a.sizeBytes === b.sizeBytes &&
    sameTarget &&
    attributes(a) === attributes(b)
  );
}
