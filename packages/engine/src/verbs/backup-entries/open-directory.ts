import type { NodeTemplate } from '../../format/encode-node.ts';
import type { ListedEntry } from './entry-source.ts';
import { PreviousDirectory } from './previous-directory.ts';

interface NamedNode {
  readonly name: Uint8Array;
  readonly json: Uint8Array;
}

/** A directory of which not everything is stored yet. It is complete when the listing has left it and nothing of it is outstanding. */
export class OpenDirectory {
  readonly path: Buffer;
  readonly name: Uint8Array;
  readonly parent: OpenDirectory | undefined;
  /** Undefined for the root of the snapshot. */
  readonly template: NodeTemplate | undefined;
  /** False for a mount point that is not entered: it is kept, empty. */
  readonly mayEnter: boolean;
  /** Its tree in the parent snapshot; entries wait in `queue` until it is there. */
  previous = new PreviousDirectory(undefined);
  previousSubtree: string | undefined;
  /** Entries that wait for `previous`; undefined once it is there. */
  queue: ListedEntry[] | undefined = [];
  /** Files on their way and directories that are open. */
  outstanding = 0;
  /** The listing has left it. */
  left = false;
  readonly #nodes: NamedNode[] = [];

  constructor(options: {
    readonly path: Buffer;
    readonly name: Uint8Array;
    readonly parent: OpenDirectory | undefined;
    readonly template: NodeTemplate | undefined;
    readonly mayEnter: boolean;
  }) {
    this.path = options.path;
    this.name = options.name;
    this.parent = options.parent;
    this.template = options.template;
    this.mayEnter = options.mayEnter;
  }

  get isComplete(): boolean {
    return this.left && this.queue === undefined && this.outstanding === 0;
  }

  add(name: Uint8Array, json: Uint8Array | string): void {
    this.#nodes.push({ name, json: typeof json === 'string' ? Buffer.from(json) : json });
  }

  /** Its nodes in the order of a tree. Of two of one name, as a directory that changes while it is listed can have, the later one stays. */
  takeNodes(onTwice: (name: Uint8Array) => void): Uint8Array[] {
    const sorted = this.#nodes.sort((a, b) => Buffer.compare(a.name, b.name));
    const kept = sorted.filter(({ name }, i) => {
      const next = sorted[i + 1];
      if (next === undefined || Buffer.compare(name, next.name) !== 0) return true;
      onTwice(name);
      return false;
    });
    return kept.map(({ json }) => json);
  }
}
