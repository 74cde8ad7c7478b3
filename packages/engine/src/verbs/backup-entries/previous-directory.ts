import { decodeTreeNode } from '../../format/decode-tree.ts';
import { completeDirectory, type NodeTemplate } from '../../format/encode-node.ts';
import { goJsonString } from '../../format/go-json-string.ts';
import { goQuote, goUnquote } from '../../format/go-quote.ts';
import { JsonScanner } from '../../format/json-scanner.ts';
import type { TreeNode } from '../../format/tree-node.ts';

const nodesStart = Buffer.from('{"nodes":[');
const nameStart = Buffer.from('{"name":"');
const contentStart = ',"content":[';
const closingBracket = 0x5d;
const comma = 0x2c;
const idBytes = 64;
const chunkBytes = idBytes + 3;

/**
 * A directory's tree in the parent snapshot, asked by name in any order, since a listing comes in no order: four bytes for each node beside
 * the tree itself. What has not changed has the same JSON as then, so that most nodes are compared and never decoded.
 */
export class PreviousDirectory {
  readonly #bytes: Buffer;
  readonly #starts: Uint32Array;
  /** Where each of them ends: a tree without white space has one comma between two. */
  readonly #ends: Uint32Array;

  constructor(tree: Uint8Array | undefined) {
    this.#bytes = tree === undefined ? Buffer.alloc(0) : Buffer.from(tree.buffer, tree.byteOffset, tree.byteLength);
    const { starts, ends } = nodeBounds(this.#bytes);
    this.#starts = starts;
    this.#ends = ends;
  }

  /** The node of that name, decoded. */
  find(name: Uint8Array): TreeNode | undefined {
    const at = this.#indexOf(name);
    if (at < 0) return undefined;
    return decodeTreeNode(new JsonScanner(this.#bytes.subarray(this.#starts[at], this.#ends[at]), 'tree'));
  }

  /** The file of that name as it was, if all of its metadata and its size are the same. */
  sameFile(
    name: Uint8Array,
    { head, middle }: NodeTemplate,
    sizeBytes: number,
  ): { readonly json: Uint8Array; readonly content: readonly string[] } | undefined {
    const at = this.#indexOf(name);
    if (at < 0) return undefined;
    const json = this.#bytes.subarray(this.#starts[at], this.#ends[at]);
    const start = Buffer.from(head + (sizeBytes > 0 ? `,"size":${sizeBytes}` : '') + middle + contentStart);
    if (!json.subarray(0, start.byteLength).equals(start)) return undefined;
    const list = json.toString('latin1', start.byteLength);
    if (list === ']}') return { json, content: [] };
    const content: string[] = [];
    for (let from = 0; from + chunkBytes <= list.length + 1; from += chunkBytes) content.push(list.slice(from + 1, from + 1 + idBytes));
    return list === `"${content.join('","')}"]}` ? { json, content } : undefined;
  }

  /** Whether the directory of that name has the same metadata and the same tree. */
  isSameDirectory(name: Uint8Array, template: NodeTemplate, subtree: string): boolean {
    const at = this.#indexOf(name);
    if (at < 0) return false;
    return this.#bytes.subarray(this.#starts[at], this.#ends[at]).equals(Buffer.from(completeDirectory(template, subtree)));
  }

  #indexOf(name: Uint8Array): number {
    const wanted = Buffer.from(`${goJsonString(goQuote(name))},`);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const start = (this.#starts[middle] as number) + nameStart.byteLength - 1;
      if (this.#bytes.subarray(start, start + wanted.byteLength).equals(wanted)) return middle;
      const order = Buffer.compare(name, this.#nameAt(middle));
      if (order === 0) return middle;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    return -1;
  }

  #nameAt(index: number): Buffer {
    const scanner = new JsonScanner(this.#bytes.subarray(this.#starts[index], this.#ends[index]), 'tree');
    scanner.position = nameStart.byteLength - 1;
    return goUnquote(scanner.string());
  }
}

/** Where the nodes begin and end; none at all of a tree that is not written the way restic and Holdfast write it. */
function nodeBounds(bytes: Buffer): { readonly starts: Uint32Array; readonly ends: Uint32Array } {
  const starts: number[] = [];
  const ends: number[] = [];
  const isTree = bytes.subarray(0, nodesStart.byteLength).equals(nodesStart) && bytes[nodesStart.byteLength] !== closingBracket;
  if (isTree) {
    const scanner = new JsonScanner(bytes, 'tree');
    for (let at = nodesStart.byteLength; ; at += 1) {
      if (!bytes.subarray(at, at + nameStart.byteLength).equals(nameStart)) return { starts: new Uint32Array(0), ends: new Uint32Array(0) };
      scanner.position = at;
      scanner.skip();
      starts.push(at);
      at = scanner.position;
      ends.push(at);
      if (bytes[at] !== comma) break;
    }
  }
  return { starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}
