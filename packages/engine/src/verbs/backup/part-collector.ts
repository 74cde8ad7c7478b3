import type { BackupJobResult, DirectoryPart, EntryCounts, ItemProblem } from './backup-job.ts';
import type { ContentStore } from './content-store.ts';
import type { PendingFile } from './pending-file.ts';

/** What a job reads itself before it leaves the rest to other threads. */
const inlineBytes = 4 << 20;
const inlineFiles = 128;
/** Files that are open at once, so that the disk works on several while one is hashed. */
const readAheadFiles = 24;
const comma = 0x2c;

/** What a job has found so far, in name order. */
export class PartCollector {
  readonly problems: ItemProblem[] = [];
  readonly counts: EntryCounts = { filesNew: 0, filesChanged: 0, filesUnmodified: 0, files: 0, bytes: 0 };
  readonly #contents: ContentStore;
  readonly #parts: DirectoryPart[] = [];
  readonly #pending: PendingFile[] = [];
  #nodes: (string | Uint8Array | PendingFile)[] = [];
  #deferred: Uint8Array[] = [];
  #deferredBytes = 0;
  #takenFiles = 0;
  #takenBytes = 0;

  constructor(contents: ContentStore) {
    this.#contents = contents;
  }

  /** Whether this job has read as much as one job should. */
  get isFull(): boolean {
    return this.#takenFiles >= inlineFiles || this.#takenBytes >= inlineBytes;
  }

  pushNode(json: string | Uint8Array): void {
    this.#flushDeferred();
    this.#nodes.push(json);
  }

  /** Takes a file that is as it was in the parent snapshot. */
  pushUnmodified(json: string | Uint8Array, sizeBytes: number): void {
    this.countUnmodified(sizeBytes);
    this.pushNode(json);
  }

  countUnmodified(sizeBytes: number): void {
    this.counts.filesUnmodified += 1;
    this.countFile(sizeBytes);
  }

  /** Takes a file to be read by this job. */
  pushPending(file: PendingFile, sizeBytes: number): void {
    this.#flushDeferred();
    this.#nodes.push(file);
    this.#pending.push(file);
    this.#takenFiles += 1;
    this.#takenBytes += sizeBytes;
    if (this.#pending.length > readAheadFiles) this.#finish(this.#pending.shift() as PendingFile);
  }

  /** Leaves a file to another job. */
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

  /** What was found in a directory that is as it was: nothing to be stored. */
  unchangedResult(): BackupJobResult {
    return { parts: [], isUnchanged: true, counts: this.counts, problems: this.problems };
  }

  result(): BackupJobResult {
    this.#flushNodes();
    this.#flushDeferred();
    return { parts: this.#parts, counts: this.counts, problems: this.problems };
  }

  /** Closes what is open when the job fails. */
  abandon(): void {
    for (const file of this.#pending.splice(0)) file.close();
  }

  #finish(file: PendingFile): string | undefined {
    const onStored = (sizeBytes: number): void => this.countFile(sizeBytes);
    return file.finish(this.#contents, onStored, (problem) => this.problems.push(problem));
  }

  #flushNodes(): void {
    if (this.#nodes.length === 0) return;
    const nodes: (string | Uint8Array)[] = [];
    for (const node of this.#nodes) {
      const json = typeof node === 'string' || node instanceof Uint8Array ? node : this.#finish(node);
      if (json !== undefined) nodes.push(json);
    }
    this.#pending.length = 0;
    this.#nodes = [];
    if (nodes.length > 0) this.#parts.push({ kind: 'nodes', json: joinNodes(nodes) });
  }

  #flushDeferred(): void {
    if (this.#deferred.length === 0) return;
    this.#parts.push({ kind: 'files', names: this.#deferred });
    this.#deferred = [];
    this.#deferredBytes = 0;
  }
}

/** The nodes with commas between them, in memory of their own that can move to another thread. */
function joinNodes(nodes: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const totalBytes = nodes.reduce((sum, node) => sum + (typeof node === 'string' ? Buffer.byteLength(node) : node.byteLength) + 1, -1);
  const joined = Buffer.allocUnsafeSlow(totalBytes);
  let at = 0;
  for (const node of nodes) {
    if (at > 0) joined[at++] = comma;
    if (typeof node === 'string') at += joined.write(node, at);
    else {
      joined.set(node, at);
      at += node.byteLength;
    }
  }
  return joined;
}
