import { CodedError, fromHex } from '@holdfast/kernel';
import { decodeTree } from '../../format/decode-tree.ts';
import { type BlobTable, findRecord } from '../../index/blob-table.ts';
import { type ReferenceVisitor, TreeScan } from './tree-scan.ts';
import { type Marks, type TreeFault, usedBit } from './tree-walk-job.ts';

const nullId = '0'.repeat(64);
const plainTypes: ReadonlySet<string> = new Set(['symlink', 'dev', 'chardev', 'fifo', 'socket']);

/** Marks what trees refer to as used, and collects the trees not seen before. Several threads may do so on the same marks. */
export class TreeMarker implements ReferenceVisitor {
  readonly #table: BlobTable;
  readonly #marks: Marks;
  readonly #scan = new TreeScan();
  readonly #words = new Uint32Array(this.#scan.id.buffer);
  #subtrees: number[] = [];
  #faults: TreeFault[] = [];

  constructor(table: BlobTable, marks: Marks) {
    this.#table = table;
    this.#marks = marks;
  }

  /** Goes through the nodes of one tree, whose record is given for the faults. A tree that does not parse is a fault, too. */
  visit(record: number, tree: Uint8Array): void {
    if (this.#scan.scan(tree, this)) return;
    try {
      for (const node of decodeTree(tree, { tolerateDisorder: true })) {
        if (node.type === 'file') this.#visitFile(record, node.name, node.content);
        else if (node.type === 'dir') this.#visitDirectory(record, node.name, node.subtree);
        else if (!plainTypes.has(node.type)) this.#invalid(record, node.name, `has the unknown type ${JSON.stringify(node.type)}`);
      }
    } catch (error) {
      if (!CodedError.is(error, 'format-invalid')) throw error;
      this.fault({ kind: 'unreadable', record, reason: error.message });
    }
  }

  /** For the scan, which ends at what is missing: the slow way then tells what needs it. */
  blob(): boolean {
    const found = findRecord(this.#table, this.#words, false);
    if (found >= 0) this.#use(found);
    return found >= 0;
  }

  subtree(): boolean {
    const found = findRecord(this.#table, this.#words, true);
    if (found >= 0) this.#meet(found);
    return found >= 0;
  }

  fault(fault: TreeFault): void {
    this.#faults.push(fault);
  }

  /** What was collected since the last call. */
  take(): { subtrees: Uint32Array<ArrayBuffer>; faults: TreeFault[] } {
    const taken = { subtrees: Uint32Array.from(this.#subtrees), faults: this.#faults };
    this.#subtrees = [];
    this.#faults = [];
    return taken;
  }

  #visitFile(record: number, name: Uint8Array, content: readonly string[] | null): void {
    if (content === null) return this.#invalid(record, name, 'is a file without a list of blobs');
    for (const blob of content) {
      if (blob === nullId) {
        this.#invalid(record, name, 'is a file with a null blob ID');
        continue;
      }
      const found = this.#find(blob, false);
      if (found < 0) this.fault({ kind: 'blob-missing', record, name, blob, isTree: false });
      else this.#use(found);
    }
  }

  #visitDirectory(record: number, name: Uint8Array, subtree: string | undefined): void {
    if (subtree === undefined || subtree === nullId) return this.#invalid(record, name, 'is a directory without a tree');
    const found = this.#find(subtree, true);
    if (found < 0) return this.fault({ kind: 'blob-missing', record, name, blob: subtree, isTree: true });
    this.#meet(found);
  }

  #use(record: number): void {
    if (((this.#marks[record] as number) & usedBit) === 0) Atomics.or(this.#marks, record, usedBit);
  }

  #meet(record: number): void {
    if ((Atomics.or(this.#marks, record, usedBit) & usedBit) === 0) this.#subtrees.push(record);
  }

  #invalid(record: number, name: Uint8Array, reason: string): void {
    this.fault({ kind: 'node-invalid', record, name, reason });
  }

  #find(id: string, isTree: boolean): number {
    this.#scan.id.set(fromHex(id));
    return findRecord(this.#table, this.#words, isTree);
  }
}
