import { CodedError } from '@holdfast/kernel';
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

export interface TreeVisitor<Directory extends TreeToWalk> {
  /** Looks at a directory's nodes, which are decoded as they are asked for, and names the directories below it to walk. */
  visit(directory: Directory, nodes: Iterable<TreeNode>, descend: (below: Directory) => void): void;
  /** The tree could not be loaded, or not be decoded to its end. Throws to end the walk. */
  onError(directory: Directory, error: CodedError): void;
}

/** How many trees are loaded ahead of the one being looked at. */
const readAhead = 16;

type Loaded = { readonly bytes: Uint8Array } | { readonly error: unknown };

/** Walks trees depth first, in the order of their nodes, loading the next ones ahead. Only failures that are CodedErrors are survivable. */
export async function walkTrees<Directory extends TreeToWalk>(
  source: TreeSource,
  root: Directory,
  visitor: TreeVisitor<Directory>,
  signal: AbortSignal | undefined,
): Promise<void> {
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
    try {
      if ('error' in loaded) throw loaded.error;
      visitor.visit(directory, decodeTree(loaded.bytes), (each) => below.push(each));
    } catch (error) {
      if (!CodedError.is(error)) throw error;
      visitor.onError(directory, error);
    }
    stack.push(...below.reverse());
    for (let i = stack.length - 1; i >= 0 && loading.size < readAhead; i--) {
      const next = stack[i] as Directory;
      if (!loading.has(next)) loading.set(next, begin(next));
    }
  }
}
