import { decodeTreeNode } from '../../format/decode-tree.ts';
import type { NodeTemplate } from '../../format/encode-node.ts';
import type { FileNodeMatcher } from '../../format/file-node-matcher.ts';
import { JsonScanner } from '../../format/json-scanner.ts';
import { matchText } from '../../format/match-bytes.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { FileStat } from '../../posix/file-stat.ts';

const idBytes = 64;
const quote = 0x22;
const comma = 0x2c;
const contentStart = ',"content":[';
const directoryTail = ',"content":null,"subtree":"';
const nodesStart = Buffer.from('{"nodes":[');
const treeEnd = Buffer.from(']}\n');

/** The digit that an ASCII code stands for in lower-case hexadecimal, else 255. */
const hexDigits = new Uint8Array(256).fill(255);
for (let i = 0; i < 16; i++) hexDigits[i.toString(16).charCodeAt(0)] = i;

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
  /** What `skipFile` has passed over without a gap. */
  #skippedFrom: number;
  #skippedTo: number;
  #hasTaken = false;
  readonly #id = new Uint8Array(idBytes / 2);
  #decoded: { readonly node: TreeNode; readonly end: number } | undefined;

  constructor(tree: Uint8Array | undefined) {
    this.#bytes = tree === undefined ? Buffer.alloc(0) : Buffer.from(tree.buffer, tree.byteOffset, tree.byteLength);
    const starts = this.#bytes.subarray(0, nodesStart.byteLength).equals(nodesStart) && this.#bytes[nodesStart.byteLength] !== 0x5d;
    this.#at = starts ? nodesStart.byteLength : -1;
    this.#skippedFrom = nodesStart.byteLength;
    this.#skippedTo = nodesStart.byteLength;
  }

  /**
   * Passes over a file of which nothing has changed and whose content `isStored` knows, without looking at it closer. False, and nothing
   * passed over, for everything else and where it is not sure. `takeSkipped` has what was passed over.
   */
  skipFile(matcher: FileNodeMatcher, name: string, stat: FileStat, isStored: (id: Uint8Array) => boolean): boolean {
    const start = this.#at;
    const hasSkipped = this.#skippedTo > this.#skippedFrom;
    if (hasSkipped && start !== this.#skippedTo + 1) return false;
    let at = matcher.match(this.#bytes, start, name, stat);
    while (at >= 0 && this.#bytes[at] === quote) {
      if (!this.#readId(at + 1) || this.#bytes[at + 1 + idBytes] !== quote || !isStored(this.#id)) return false;
      at += idBytes + 2;
      if (this.#bytes[at] === comma) at += 1;
    }
    at = matchText(this.#bytes, at, ']}');
    if (at < 0) return false;
    if (!hasSkipped) this.#skippedFrom = start;
    this.#skippedTo = at;
    this.#next(at);
    return true;
  }

  /**
   * The nodes that were passed over since the last call, commas between them; undefined if there are none. To be called before anything that
   * was not passed over gets a node: the directory is then no longer what it was.
   */
  takeSkipped(): Uint8Array | undefined {
    this.#hasTaken = true;
    if (this.#skippedTo === this.#skippedFrom) return undefined;
    const nodes = this.#bytes.subarray(this.#skippedFrom, this.#skippedTo);
    this.#skippedFrom = this.#skippedTo;
    return nodes;
  }

  /** Whether all of the tree has been passed over in one go: the directory holds what it held. */
  get isSkippedWhole(): boolean {
    if (this.#hasTaken || this.#skippedFrom !== nodesStart.byteLength || this.#skippedTo === this.#skippedFrom || this.#at >= 0)
      return false;
    return this.#bytes.subarray(this.#skippedTo).equals(treeEnd);
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

  #readId(at: number): boolean {
    for (let i = 0; i < this.#id.byteLength; i++) {
      const high = hexDigits[this.#bytes[at + 2 * i] as number] as number;
      const low = hexDigits[this.#bytes[at + 2 * i + 1] as number] as number;
      if (high > 15 || low > 15) return false;
      this.#id[i] = high * 16 + low;
    }
    return true;
  }

  #next(end: number): void {
    this.#decoded = undefined;
    this.#at = this.#bytes[end] === comma ? end + 1 : -1;
  }
}
