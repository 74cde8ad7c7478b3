import { pathBytes, type Repository, type TreeNode } from '@holdfast/engine';
import { CodedError } from '@holdfast/kernel';

/** What a path of a snapshot leads to: its node, or the root, which has none. */
export type Found = { readonly tree: string; readonly node: TreeNode | undefined } | { readonly tree: undefined; readonly node: TreeNode };

/** What finding needs of a repository. */
export type TreeLoader = Pick<Repository, 'loadTree'>;

/** Follows an exact path down from a tree. `path-not-found` if there is nothing of that name. */
export async function findNode(repository: TreeLoader, tree: string, path: string, signal: AbortSignal): Promise<Found> {
  let found: Found = { tree, node: undefined };
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    if (found.tree === undefined) throw notFound(path);
    const bytes = pathBytes(name);
    const nodes: readonly TreeNode[] = await repository.loadTree(found.tree, { signal });
    const node = nodes.find((each) => bytes.equals(each.name));
    if (node === undefined) throw notFound(path);
    found = node.type === 'dir' && node.subtree !== undefined ? { tree: node.subtree, node } : { tree: undefined, node };
  }
  return found;
}

function notFound(path: string): CodedError {
  return new CodedError({
    code: 'path-not-found',
    message: `${JSON.stringify(path)} is not in the snapshot`,
    hint: 'Names are compared exactly, letter case included. Look at what the snapshot holds.',
  });
}
