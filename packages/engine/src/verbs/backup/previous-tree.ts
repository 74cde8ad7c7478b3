import { decodeTreeNode } from '../../format/decode-tree.ts';
import type { NodeTemplate } from '../../format/encode-node.ts';
import { JsonScanner } from '../../format/json-scanner.ts';
import type { TreeNode } from '../../format/tree-node.ts';

const idBytes = 64;
const quote = 0x22;
const comma = 0x2c;
const contentStart = ',"content":[';
const directoryTail = ',"content":null,"subtree":"';
const nodesStart = Buffer.from('{"nodes":[');

/** A file of the parent snapshot of which nothing has changed: its JSON, and the IDs of its content in it. */
export interface SameFile {
  readonly json: Uint8Array;
  readonly content: readonly string[];
}

/**
 * A directory's tree in the parent snapshot, met in name order beside what the directory holds now. An entry that has not changed has the
 * same JSON as then: it is recognised by comparing bytes, and used again as it is. Only what differs is decoded.
 */
export class PreviousTree {
  readonly #bytes: Buffer;
  /** Where the node that comes next begins; -1 when there is none left. */
  #at: number;
  #decoded: { readonly node: TreeNode; readonly end: number } | undefined;

  constructor(tree: Uint8Array | undefined) {
    this.#bytes = tree === undefined ? Buffer.alloc(0) : Buffer.from(tree.buffer, tree.byteOffset, tree.byteLength);
    const starts = this.#bytes.subarray(0, nodesStart.byteLength).equals(nodesStart) && this.#bytes[nodesStart.byteLength] !== 0x5d;
    this.#at = starts ? nodesStart.byteLength : -1;
  }

  /** The file as it was, if all of its metadata and its size are the same. */
  takeSameFile({ head, middle }: NodeTemplate, sizeBytes: number): SameFile | undefined {
    const start = this.#at;
    let at = this.#match(start, head + (sizeBytes > 0 ? `,"size":${sizeBytes}` : '') + middle + contentStart);
    if (at < 0) return undefined;
    const content: string[] = [];
    while (this.#bytes[at] === quote) {
      content.push(this.#bytes.toString('latin1', at + 1, at + 1 + idBytes));
      at += idBytes + 2;
      if (this.#bytes[at] === comma) at += 1;
    }
    at = this.#match(at, ']}');
    if (at < 0) return undefined;
    this.#next(at);
    return { json: this.#bytes.subarray(start, at), content };
  }

  /** The subtree of the directory as it was, if its own metadata are the same. */
  takeSameDirectory({ head, middle }: NodeTemplate): string | undefined {
    const at = this.#match(this.#at, head + middle + directoryTail);
    if (at < 0) return undefined;
    const end = this.#match(at + idBytes, '"}');
    if (end < 0) return undefined;
    this.#next(end);
    return this.#bytes.toString('latin1', at, at + idBytes);
  }

  /** The node of that name, decoded. Names must be asked for in ascending order. */
  find(name: Uint8Array): TreeNode | undefined {
    while (this.#at >= 0) {
      this.#decoded ??= this.#decode();
      const order = Buffer.compare(name, this.#decoded.node.name);
      if (order < 0) return undefined;
      const { node, end } = this.#decoded;
      this.#next(end);
      if (order === 0) return node;
    }
    return undefined;
  }

  #decode(): { node: TreeNode; end: number } {
    const scanner = new JsonScanner(this.#bytes.subarray(this.#at), 'tree');
    const node = decodeTreeNode(scanner);
    return { node, end: this.#at + scanner.position };
  }

  /** Where `text` ends if it stands at that place, else -1. */
  #match(at: number, text: string): number {
    if (at < 0) return -1;
    const length = Buffer.byteLength(text);
    const end = at + length;
    if (end > this.#bytes.byteLength) return -1;
    return this.#bytes.toString('utf8', at, end) === text ? end : -1;
  }

  #next(end: number): void {
    this.#decoded = undefined;
    this.#at = this.#bytes[end] === comma ? end + 1 : -1;
  }
}
