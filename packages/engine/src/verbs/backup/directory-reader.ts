import { type BigIntStats, readdirSync } from 'node:fs';
import { fromHex } from '@holdfast/kernel';
import { completeFile, encodeNode, nodeTemplate } from '../../format/encode-node.ts';
import type { LocalTimeFormatter } from '../../format/go-time.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { BackupJobResult, ItemProblem } from './backup-job.ts';
import type { BlobSealer } from './blob-sealer.ts';
import type { ContentStore } from './content-store.ts';
import { asSource, type EntryReader, problemOf, sourceError } from './entry-reader.ts';
import type { Exclusions } from './exclusions.ts';
import { PartCollector } from './part-collector.ts';
import { PendingFile } from './pending-file.ts';
import { PreviousTree } from './previous-tree.ts';

/** Files up to this size are read by one thread; larger ones are cut into segments that several threads share. */
const largeFileBytes = 4 << 20;
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
    const names = asSource(directory, () => readdirSync(directory, { encoding: 'buffer' }).sort(Buffer.compare));
    const previous = new PreviousTree(parentTree);
    const prefix = directory.equals(slash) ? slash : Buffer.concat([directory, slash]);
    return this.#collect((collector) => {
      for (const name of this.#options.exclusions.keptNames(directory, names)) {
        const path = Buffer.concat([prefix, name]);
        if (this.#options.exclusions.excludesPath(path)) continue;
        try {
          this.#readEntry(collector, path, name, previous, { deviceAllowed });
        } catch (error) {
          collector.problems.push(problemOf(path, error));
        }
      }
    });
  }

  /** One entry by itself, as a target. `previous`: the tree that had it in the parent snapshot. */
  readTarget(path: Buffer, name: Uint8Array, previous: Uint8Array | undefined, explicit: boolean): BackupJobResult {
    return this.#collect((collector) => this.#readEntry(collector, path, name, new PreviousTree(previous), { deviceAllowed: true, explicit }));
  }

  /** One entry: complete if it needs no reading or is small, else as a part to be done. */
  #readEntry(
    collector: PartCollector,
    path: Buffer,
    name: Uint8Array,
    previous: PreviousTree,
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
    const node = entries.node(path, name, stat, onProblem);
    if (stat.isDirectory()) {
      const template = nodeTemplate(node, times);
      const sameSubtree = previous.takeSameDirectory(template);
      const previousSubtree = sameSubtree ?? previous.find(name)?.subtree;
      const sameMetadata = sameSubtree !== undefined;
      collector.push({ kind: 'directory', name, template, deviceAllowed: isOnAllowedDevice, previousSubtree, sameMetadata });
    } else if (stat.isFile()) {
      this.#readFile(collector, path, node, stat, previous);
    } else {
      collector.pushNode(encodeNode(node, times));
    }
  }

  /** A file that is as it was is taken over from the parent snapshot, if every destination still has all of its content. */
  #readFile(collector: PartCollector, path: Buffer, node: TreeNode, stat: BigIntStats, previous: PreviousTree): void {
    const sizeBytes = Number(stat.size);
    const template = nodeTemplate(node, this.#options.times);
    const same = previous.takeSameFile(template, sizeBytes);
    if (same !== undefined && this.#isStored(same.content)) {
      collector.counts.filesUnmodified += 1;
      collector.countFile(sizeBytes);
      collector.pushNode(same.json);
      return;
    }
    const before = same === undefined ? previous.find(node.name) : undefined;
    if (before !== undefined && this.#isUnchanged(stat, before)) {
      collector.counts.filesUnmodified += 1;
      collector.countFile(sizeBytes);
      collector.pushNode(completeFile(template, sizeBytes, before.content ?? []));
      return;
    }
    if (same === undefined && before === undefined) collector.counts.filesNew += 1;
    else collector.counts.filesChanged += 1;
    if (sizeBytes > largeFileBytes) {
      const { ino, dev, mtimeNs, ctimeNs } = stat;
      collector.push({ kind: 'large-file', name: node.name, template, sizeBytes, seen: { ino, dev, mtimeNs, ctimeNs } });
    } else if (collector.isFull) {
      collector.pushDeferred(node.name, sizeBytes);
    } else {
      collector.pushPending(new PendingFile(path, stat, template), sizeBytes);
    }
  }

  /** Small files that were put off. */
  readFiles(directory: Buffer, names: readonly Uint8Array[]): BackupJobResult {
    return this.#collect((collector) => {
      for (const name of names) {
        const path = Buffer.concat([directory, slash, name]);
        try {
          const stat = this.#options.entries.stat(path);
          if (!stat.isFile()) throw sourceError(path, { code: 'ESTALE' });
          this.#takeFile(collector, path, name, stat);
        } catch (error) {
          collector.problems.push(problemOf(path, error));
        }
      }
    });
  }

  #collect(read: (collector: PartCollector) => void): BackupJobResult {
    const collector = new PartCollector(this.#options.contents);
    try {
      read(collector);
      return collector.result();
    } catch (error) {
      collector.abandon();
      throw error;
    }
  }

  #takeFile(collector: PartCollector, path: Buffer, name: Uint8Array, stat: BigIntStats): void {
    const { entries, times } = this.#options;
    const onProblem = (problem: ItemProblem): void => void collector.problems.push(problem);
    const template = nodeTemplate(entries.node(path, name, stat, onProblem), times);
    collector.pushPending(new PendingFile(path, stat, template), Number(stat.size));
  }

  #isAllowed(device: bigint): boolean {
    return this.#options.devices === undefined || this.#options.devices.includes(device);
  }

  /** restic's rule, and all content must still be in every destination's index. */
  #isUnchanged(stat: BigIntStats, previous: TreeNode): boolean {
    const { ignoreCtime, ignoreInode } = this.#options;
    return (
      previous.type === 'file' &&
      previous.content !== null &&
      BigInt(previous.sizeBytes) === stat.size &&
      previous.mtimeNs === stat.mtimeNs &&
      (ignoreCtime || previous.ctimeNs === stat.ctimeNs) &&
      (ignoreInode || previous.inode === stat.ino) &&
      this.#isStored(previous.content)
    );
  }

  #isStored(content: readonly string[]): boolean {
    return content.every((id) => this.#options.sealer.isKnownEverywhere('data', fromHex(id)));
  }
}
