import type { CallOptions } from '@holdfast/storage/port';
import { decodeTree } from '../../format/decode-tree.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { BlobType } from '../../index/blob-type.ts';

/** What a walk needs of a repository. */
export interface TreeSource {
  loadBlob(type: BlobType, id: string, options?: CallOptions): Promise<Uint8Array>;
}

/** A directory whose tree is to be walked. */
export interface TreeToWalk {
  readonly tree: string;
}

/** One directory of a walk. */
export interface WalkedTree<Directory extends TreeToWalk> {
  readonly directory: Directory;
  /** Decoded as they are asked for, once. Throws, at the start or half-way, if the tree cannot be loaded or decoded. */
  readonly nodes: Iterable<TreeNode>;
  /** Has a directory below this one walked too, after this one, in the order of the calls. */
  readonly descend: (below: Directory) => void;
}

/** How many trees are loaded ahead of the one being looked at. */
const readAhead = 16;

type Loaded = { readonly bytes: Uint8Array } | { readonly error: unknown };

/** Walks trees depth first, a directory before those in it, loading the next ones ahead. */
export async function* walkTrees<Directory extends TreeToWalk>(
  source: TreeSource,
  root: Directory,
  signal: AbortSignal | undefined,
): AsyncGenerator<WalkedTree<Directory>> {
  const options = signal === undefined ? {} : { signal };
  const loading = new Map<Directory, Promise<Loaded>>();
  const stack: Directory[] = [root];
  const begin = (directory: Directory): Promise<Loaded> =>
    source.loadBlob('tree', directory.tree, options).then(
      (bytes) => ({ bytes }),
      (error: unknown) => ({ error }),
    );
  for (let directory = stack.pop(); directory !== undefined; directory = stack.pop()) {
    signal?.throwIfAborted();
    const loaded = await (loading.get(directory) ?? begin(directory));
    loading.delete(directory);
    signal?.throwIfAborted();
    const below: Directory[] = [];
    yield { directory, nodes: decoded(loaded), descend: (each) => below.push(each) };
    stack.push(...below.reverse());
    for (let i = stack.length - 1; i >= 0 && loading.size < readAhead; i--) {
      const next = stack[i] as Directory;
      if (!loading.has(next)) loading.set(next, begin(next));
    }
  }
}

function* decoded(loaded: Loaded): Generator<TreeNode> {
  if ('error' in loaded) throw loaded.error;
  yield* decodeTree(loaded.bytes);
}
