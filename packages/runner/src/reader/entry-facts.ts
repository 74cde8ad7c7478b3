import { posix } from 'node:path';
import type { SnapshotEntry } from '@holdfast/contract';
import type { TreeNode } from '@holdfast/engine';
import { escapedName } from '../plan/shown-path.ts';

/** Go's bits for setuid, setgid and sticky, and what Unix has in their place. */
const specialBits = [
  [2 ** 23, 0o4000],
  [2 ** 22, 0o2000],
  [2 ** 20, 0o1000],
] as const;

/** What is told of an entry of that directory of a snapshot. */
export function entryFacts(directory: string, node: TreeNode): SnapshotEntry {
  const name = escapedName(node.name);
  const special = specialBits.reduce((bits, [go, unix]) => (node.mode & go ? bits | unix : bits), 0);
  return {
    name,
    path: posix.join('/', directory, name),
    type: node.type,
    sizeBytes: node.type === 'file' ? node.sizeBytes : null,
    modifiedMs: Number(node.mtimeNs / 1_000_000n),
    mode: (node.mode & 0o777) | special,
    linkTarget: node.linkTarget === undefined ? null : escapedName(node.linkTarget),
  };
}
