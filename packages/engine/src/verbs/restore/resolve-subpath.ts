import { CodedError } from '@holdfast/kernel';
import { decodeTree } from '../../format/decode-tree.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { TreeSource } from './tree-walk.ts';

/** What a path in a snapshot leads to: the tree of a directory, or anything else as its node. */
export type Resolved = { readonly tree: string } | { readonly node: TreeNode };

/** Follows a path down from a tree, byte for byte; slashes at its ends do not matter. `path-not-found` says how far it led. */
export async function resolveSubpath(
  source: TreeSource,
  tree: string,
  subpath: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Resolved> {
  let at: Resolved = { tree };
  const names = splitPath(subpath);
  for (const [depth, name] of names.entries()) {
    const shown = Buffer.from(names.slice(0, depth + 1).join('/'), 'latin1').toString();
    if (!('tree' in at)) throw notFound(shown, 'what it lies in is no directory');
    const bytes: Uint8Array = await source.loadBlob('tree', at.tree, signal === undefined ? {} : { signal });
    const node: TreeNode | undefined = decodeTree(bytes).find((each) => Buffer.from(each.name).toString('latin1') === name);
    if (node === undefined) throw notFound(shown, 'there is nothing of that name');
    at = node.type === 'dir' && node.subtree !== undefined ? { tree: node.subtree } : { node };
  }
  return at;
}

/** The components, one character a byte. */
function splitPath(path: Uint8Array): string[] {
  return Buffer.from(path)
    .toString('latin1')
    .split('/')
    .filter((name) => name !== '' && name !== '.');
}

function notFound(path: string, why: string): CodedError {
  return new CodedError({
    code: 'path-not-found',
    message: `${JSON.stringify(path)} is not in the snapshot: ${why}`,
    hint: 'List the snapshot to see what it holds. Names are compared exactly, letter case included.',
  });
}
