import type { TreeNode } from '../../format/tree-node.ts';

/** The node of a file that is on no disk: what a stream was stored as. Readable by its owner only, as what it holds may be. */
export function plainFileNode(file: {
  readonly name: Uint8Array;
  readonly timeNs: bigint;
  readonly uid: number;
  readonly gid: number;
  readonly content: readonly string[];
  readonly sizeBytes: number;
}): TreeNode {
  return {
    name: file.name,
    type: 'file',
    mode: 0o600,
    mtimeNs: file.timeNs,
    atimeNs: file.timeNs,
    ctimeNs: file.timeNs,
    uid: file.uid,
    gid: file.gid,
    user: '',
    group: '',
    inode: 0n,
    deviceId: 0n,
    sizeBytes: file.sizeBytes,
    links: 0,
    linkTarget: undefined,
    extendedAttributes: [],
    genericAttributes: undefined,
    device: 0n,
    content: file.content,
    subtree: undefined,
    error: undefined,
  };
}
