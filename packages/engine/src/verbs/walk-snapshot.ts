import { CodedError } from '@holdfast/kernel';
import type { CallOptions } from '@holdfast/storage/port';
import type { TreeNode } from '../format/tree-node.ts';

/** What a walk needs of a repository. Its index is loaded. */
export interface WalkRepository {
  loadTree(id: string, options?: CallOptions): Promise<readonly TreeNode[]>;
}

export interface WalkedEntry {
  /** Raw bytes, from the root of what is walked, beginning with `/`. */
  readonly path: Buffer;
  readonly node: TreeNode;
}

export interface WalkSnapshotOptions extends CallOptions {
  /** Walk only what is in this directory: a path without a leading slash; empty for all. */
  readonly subfolder?: Uint8Array;
  /** Asked for each directory: whether to go into it. Default: always. */
  readonly enter?: (entry: WalkedEntry) => boolean;
}

const slash = Buffer.from('/');

/** Every entry of a snapshot, a directory before what is in it, names in the order of their bytes. */
export async function* walkSnapshot(
  repository: WalkRepository,
  tree: string,
  options: WalkSnapshotOptions = {},
): AsyncGenerator<WalkedEntry, void, undefined> {
  const root = await findSubfolder(repository, tree, options);
  yield* walk(repository, root, Buffer.alloc(0), options);
}

async function* walk(
  repository: WalkRepository,
  tree: string,
  parent: Buffer,
  options: WalkSnapshotOptions,
): AsyncGenerator<WalkedEntry, void, undefined> {
  for (const node of await repository.loadTree(tree, options)) {
    options.signal?.throwIfAborted();
    const entry = { path: Buffer.concat([parent, slash, node.name]), node };
    yield entry;
    if (node.subtree !== undefined && (options.enter?.(entry) ?? true)) yield* walk(repository, node.subtree, entry.path, options);
  }
}

/** The tree of a directory inside a snapshot; `path-not-found` if there is no such directory. */
export async function findSubfolder(repository: WalkRepository, tree: string, options: WalkSnapshotOptions): Promise<string> {
  let current = tree;
  const path = Buffer.from(options.subfolder ?? new Uint8Array(0));
  for (const name of path.toString('latin1').split('/')) {
    if (name === '') continue;
    const bytes = Buffer.from(name, 'latin1');
    const node = (await repository.loadTree(current, options)).find((each) => bytes.equals(each.name));
    if (node?.subtree === undefined) {
      throw new CodedError({
        code: 'path-not-found',
        message: `The snapshot has no directory ${JSON.stringify(path.toString())}`,
        hint: 'See with ls what it holds.',
      });
    }
    current = node.subtree;
  }
  return current;
}
