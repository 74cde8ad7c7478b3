import type { TreeNode } from '@holdfast/engine';
import type { TreeLoader } from './find-node.ts';

/** Keeps the trees read last, decoded, so that a walk from the root for each of many paths reads each tree once. */
export class TreeMemory implements TreeLoader {
  readonly #source: TreeLoader;
  readonly #trees = new Map<string, TreeNode[]>();
  readonly #mostNodes: number;
  #nodes = 0;

  constructor(source: TreeLoader, mostNodes = 20_000) {
    this.#source = source;
    this.#mostNodes = mostNodes;
  }

  async loadTree(id: string, options: { readonly signal?: AbortSignal } = {}): Promise<TreeNode[]> {
    const known = this.#trees.get(id);
    if (known !== undefined) {
      this.#trees.delete(id);
      this.#trees.set(id, known); // the least recently used one is the first
      return known;
    }
    const nodes = await this.#source.loadTree(id, options);
    if (this.#trees.has(id) || nodes.length > this.#mostNodes) return nodes;
    this.#trees.set(id, nodes);
    this.#nodes += nodes.length;
    for (const [oldest, { length }] of this.#trees) {
      if (this.#nodes <= this.#mostNodes) break;
      this.#trees.delete(oldest);
      this.#nodes -= length;
    }
    return nodes;
  }
}
