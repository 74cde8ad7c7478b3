import { type BigIntStats, readdirSync } from 'node:fs';
import { fromHex } from '@holdfast/kernel';
import { decodeTree } from '../../format/decode-tree.ts';
import { completeFile, encodeNode, nodeTemplate } from '../../format/encode-node.ts';
import type { LocalTimeFormatter } from '../../format/go-time.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { BackupJobResult, DirectoryPart, EntryCounts, ItemProblem } from './backup-job.ts';
import type { BlobSealer } from './blob-sealer.ts';
import type { ContentStore } from './content-store.ts';
import { asSource, changeWhileReading, type EntryReader, openForReading, problemOf, sourceError, withOpen } from './entry-reader.ts';
import type { Exclusions } from './exclusions.ts';

/** Files up to this size are read by one thread; larger ones are cut into segments that several threads share. */
const largeFileBytes = 4 << 20;
/** What a job reads itself before it leaves the rest to other threads. */
const inlineBytes = 4 << 20;
const inlineFiles = 128;
const slash = Buffer.from('/');

export interface DirectoryReaderOptions {
  readonly entries: EntryReader;
  readonly exclusions: Exclusions;
  readonly contents: ContentStore;
  readonly sealer: BlobSealer;
  readonly times: LocalTimeFormatter;
  readonly devices: readonly bigint[] | undefined;
  readonly ignoreCtime: boolean;
  readonly ignoreInode: boolean;
}

/** Turns directories and files into encoded nodes. One for each worker thread. */
export class DirectoryReader {
  readonly #options: DirectoryReaderOptions;

  constructor(options: DirectoryReaderOptions) {
    this.#options = options;
  }

  /** Everything in a directory, in name order; see the job of that name. */
  readDirectory(directory: Buffer, deviceAllowed: boolean, parentTree: Uint8Array | undefined): BackupJobResult {
    const collector = new PartCollector();
    const names = asSource(directory, () => readdirSync(directory, { encoding: 'buffer' }).sort(Buffer.compare));
    const previous = new PreviousNodes(parentTree);
    const isRoot = directory.equals(slash);
    for (const name of this.#options.exclusions.keptNames(directory, names)) {
      const path = isRoot ? Buffer.concat([slash, name]) : Buffer.concat([directory, slash, name]);
      if (this.#options.exclusions.excludesPath(path)) continue;
      try {
        this.readEntry(collector, path, name, previous.find(name), { deviceAllowed });
      } catch (error) {
        collector.problems.push(problemOf(path, error));
      }
    }
    return collector.result();
  }

  /** One entry: complete if it needs no reading or is small, else as a part to be done. */
  readEntry(
    collector: PartCollector,
    path: Buffer,
    name: Uint8Array,
    previous: TreeNode | undefined,
    how: { readonly deviceAllowed: boolean; readonly explicit?: boolean },
  ): void {
    const { entries, exclusions, times } = this.#options;
    const stat = entries.stat(path);
    const isOnAllowedDevice = this.#isAllowed(stat.dev);
    if (how.explicit !== true) {
      // A mount point is kept as an empty directory, what is mounted there is not.
      if (!isOnAllowedDevice && !(stat.isDirectory() && how.deviceAllowed)) return;
      if (stat.isFile() && exclusions.excludesSize(Number(stat.size))) return;
    }
    if (stat.isSocket()) return;
    const onProblem = (problem: ItemProblem): void => void collector.problems.push(problem);
    if (stat.isDirectory()) {
      const node = entries.node(path, name, stat, onProblem);
      const template = nodeTemplate(node, times);
      const before = previous?.type === 'dir' ? nodeTemplate(previous, times) : undefined;
      collector.push({
        kind: 'directory',
        name,
        template,
        deviceAllowed: isOnAllowedDevice,
        previousSubtree: previous?.subtree,
        sameMetadata: before !== undefined && before.head === template.head && before.middle === template.middle,
      });
      return;
    }
    if (!stat.isFile()) {
      collector.pushNode(encodeNode(entries.node(path, name, stat, onProblem), times));
      return;
    }
    const sizeBytes = Number(stat.size);
    if (previous !== undefined && this.#isUnchanged(stat, previous)) {
      const node = { ...entries.node(path, name, stat, onProblem), content: previous.content, sizeBytes: previous.sizeBytes };
      collector.counts.filesUnmodified += 1;
      collector.countFile(previous.sizeBytes);
      collector.pushNode(encodeNode(node, times));
      return;
    }
    if (previous === undefined) collector.counts.filesNew += 1;
    else collector.counts.filesChanged += 1;
    if (sizeBytes > largeFileBytes) {
      const template = nodeTemplate(entries.node(path, name, stat, onProblem), times);
      const { ino, dev, mtimeNs, ctimeNs } = stat;
      collector.push({ kind: 'large-file', name, template, sizeBytes, seen: { ino, dev, mtimeNs, ctimeNs } });
    } else if (collector.inlineFiles < inlineFiles && collector.inlineBytes < inlineBytes) {
      this.#readFile(collector, path, name, stat);
    } else {
      collector.pushDeferred(name, sizeBytes);
    }
  }

  /** Small files that were put off. */
  readFiles(directory: Buffer, names: readonly Uint8Array[]): BackupJobResult {
    const collector = new PartCollector();
    for (const name of names) {
      const path = Buffer.concat([directory, slash, name]);
      try {
        const stat = this.#options.entries.stat(path);
        if (!stat.isFile()) throw sourceError(path, { code: 'ESTALE' });
        this.#readFile(collector, path, name, stat);
      } catch (error) {
        collector.problems.push(problemOf(path, error));
      }
    }
    return collector.result();
  }

  #readFile(collector: PartCollector, path: Buffer, name: Uint8Array, stat: BigIntStats): void {
    const { entries, contents, times } = this.#options;
    const onProblem = (problem: ItemProblem): void => void collector.problems.push(problem);
    const template = nodeTemplate(entries.node(path, name, stat, onProblem), times);
    const stored = withOpen(openForReading(path), (fd) => {
      const read = asSource(path, () => contents.storeFile(fd, Number(stat.size)));
      const changed = changeWhileReading(path, stat, fd, read.sizeBytes);
      if (changed !== undefined) onProblem(changed);
      return read;
    });
    collector.inlineFiles += 1;
    collector.inlineBytes += stored.sizeBytes;
    collector.countFile(stored.sizeBytes);
    collector.pushNode(completeFile(template, stored.sizeBytes, stored.content));
  }

  #isAllowed(device: bigint): boolean {
    return this.#options.devices === undefined || this.#options.devices.includes(device);
  }

  /** restic's rule, and all content must still be in every destination's index. */
  #isUnchanged(stat: BigIntStats, previous: TreeNode): boolean {
    const { ignoreCtime, ignoreInode, sealer } = this.#options;
    return (
      previous.type === 'file' &&
      previous.content !== null &&
      BigInt(previous.sizeBytes) === stat.size &&
      previous.mtimeNs === stat.mtimeNs &&
      (ignoreCtime || previous.ctimeNs === stat.ctimeNs) &&
      (ignoreInode || previous.inode === stat.ino) &&
      previous.content.every((id) => sealer.isKnownEverywhere('data', fromHex(id)))
    );
  }
}

/** What a job has found so far. */
export class PartCollector {
  readonly problems: ItemProblem[] = [];
  readonly counts: EntryCounts = { filesNew: 0, filesChanged: 0, filesUnmodified: 0, files: 0, bytes: 0 };
  inlineFiles = 0;
  inlineBytes = 0;
  readonly #parts: DirectoryPart[] = [];
  #nodes: string[] = [];
  #deferred: Uint8Array[] = [];
  #deferredBytes = 0;

  pushNode(json: string): void {
    this.#flushDeferred();
    this.#nodes.push(json);
  }

  pushDeferred(name: Uint8Array, sizeBytes: number): void {
    this.#flushNodes();
    this.#deferred.push(name);
    this.#deferredBytes += sizeBytes;
    if (this.#deferred.length >= inlineFiles || this.#deferredBytes >= inlineBytes) this.#flushDeferred();
  }

  push(part: DirectoryPart): void {
    this.#flushNodes();
    this.#flushDeferred();
    this.#parts.push(part);
  }

  countFile(sizeBytes: number): void {
    this.counts.files += 1;
    this.counts.bytes += sizeBytes;
  }

  result(): BackupJobResult {
    this.#flushNodes();
    this.#flushDeferred();
    return { parts: this.#parts, counts: this.counts, problems: this.problems };
  }

  #flushNodes(): void {
    if (this.#nodes.length === 0) return;
    this.#parts.push({ kind: 'nodes', json: Buffer.from(this.#nodes.join(',')) });
    this.#nodes = [];
  }

  #flushDeferred(): void {
    if (this.#deferred.length === 0) return;
    this.#parts.push({ kind: 'files', names: this.#deferred });
    this.#deferred = [];
    this.#deferredBytes = 0;
  }
}

/** The parent snapshot's nodes of a directory, met in name order beside the directory's own names. */
class PreviousNodes {
  readonly #nodes: Iterator<TreeNode> | undefined;
  #next: TreeNode | undefined;

  constructor(tree: Uint8Array | undefined) {
    this.#nodes = tree === undefined ? undefined : decodeTree(tree)[Symbol.iterator]();
    this.#next = this.#nodes?.next().value;
  }

  find(name: Buffer): TreeNode | undefined {
    for (;;) {
      if (this.#next === undefined) return undefined;
      const order = name.compare(this.#next.name);
      if (order < 0) return undefined;
      const found = this.#next;
      if (order === 0) return found;
      this.#next = this.#nodes?.next().value;
    }
  }
}
