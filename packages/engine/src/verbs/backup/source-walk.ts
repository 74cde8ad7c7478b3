import { closeSync } from 'node:fs';
import { CodedError, toHex } from '@holdfast/kernel';
import { sha256 } from '../../crypto/sha256.ts';
import { completeDirectory, completeFile } from '../../format/encode-node.ts';
import { encodeTree } from '../../format/encode-tree.ts';
import type { BlobTable } from '../../index/blob-table.ts';
import type { WorkerPool } from '../../workers/worker-pool.ts';
import { ContentIntake } from '../backup-entries/content-intake.ts';
import {
  type BackupJob,
  type BackupJobResult,
  type ContentBatch,
  type DirectoryPart,
  factsPerBlob,
  type ItemProblem,
  type SealedBatch,
  type SegmentCut,
} from './backup-job.ts';
import type { DestinationWriter } from './destination-writer.ts';
import { changeWhileReading, openForReading, problemOf } from './entry-reader.ts';
import type { TargetEntry } from './target-tree.ts';
import { Turnstile } from './turnstile.ts';

export interface WalkCounts {
  filesNew: number;
  filesChanged: number;
  filesUnmodified: number;
  dirsNew: number;
  dirsChanged: number;
  dirsUnmodified: number;
  files: number;
  bytes: number;
}

export interface WalkOptions {
  readonly pool: WorkerPool<BackupJob, BackupJobResult>;
  readonly writers: readonly DestinationWriter[];
  /** `memory` is used for the tree if it is long enough. */
  readonly loadParentTree: ((id: string, memory: ArrayBuffer | undefined) => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onAdvance: () => void;
  readonly onProblem: (problem: ItemProblem) => void;
}

type DirectoryEntry = Extract<DirectoryPart, { kind: 'directory' }>;
type LargeFile = Extract<DirectoryPart, { kind: 'large-file' }>;

const slash = Buffer.from('/');
const damageCodes: ReadonlySet<string> = new Set(['blob-missing', 'blob-damaged', 'storage-not-found', 'storage-short-read']);

/**
 * The main thread of a backup: sends directories and files to the workers, puts what comes back together to trees from the leaves to the
 * root, and passes sealed blobs on to the destinations. Depth first: the latest directory found goes first, so that few are ever open.
 */
export class SourceWalk {
  readonly counts: WalkCounts = {
    filesNew: 0,
    filesChanged: 0,
    filesUnmodified: 0,
    dirsNew: 0,
    dirsChanged: 0,
    dirsUnmodified: 0,
    files: 0,
    bytes: 0,
  };
  readonly #options: WalkOptions;
  readonly #directories: Turnstile;
  readonly #largeFiles: Turnstile;
  /** Memory of parent trees that a thread is done with: fresh memory is dear. */
  readonly #spareMemory: ArrayBuffer[] = [];
  readonly #treesUnderWay = new Map<string, Promise<void>>();
  #sentTables: readonly (BlobTable | null)[] = [];

  constructor(options: WalkOptions) {
    this.#options = options;
    this.#directories = new Turnstile(options.pool.size * 2, 'lifo');
    this.#largeFiles = new Turnstile(options.pool.size + 1, 'fifo');
    this.#publishTables();
  }

  /** Stores the targets and all below them; returns the ID of the root tree and how many entries it has. */
  async storeTargets(targets: TargetEntry, parentTree: string | undefined): Promise<{ tree: string; entries: number }> {
    const nodes = await this.#storeChildren(targets, parentTree);
    return { tree: await this.storeTree(nodes), entries: nodes.length };
  }

  /** Stores a stream as one file at the root. */
  async storeStream(source: AsyncIterable<Uint8Array>): Promise<{ content: readonly string[]; sizeBytes: number }> {
    const intake = new ContentIntake((batch, onCut) => this.storeContents(batch, onCut));
    const { stored } = await intake.take(source);
    intake.flush();
    const taken = await stored;
    this.counts.files += 1;
    this.counts.bytes += taken.sizeBytes;
    this.counts.filesNew += 1;
    return taken;
  }

  /**
   * Stores contents and returns the IDs of the chunks of each. `onCut` hears how many bytes of a last one that goes on were used up, before
   * they are hashed and sealed.
   */
  async storeContents(batch: ContentBatch, onCut: (usedBytes: number) => void): Promise<readonly (readonly string[])[]> {
    const { contents } = await this.#run({ kind: 'contents', batch }, { onCut: (cut) => onCut(cut.nextOffset) });
    return contents ?? [];
  }

  /** Stores a tree of encoded nodes in name order and returns its ID. */
  async storeTree(nodes: readonly Uint8Array[]): Promise<string> {
    const bytes = encodeTree(nodes);
    const idBytes = sha256(bytes);
    const id = toHex(idBytes);
    const isKnown = (): boolean =>
      this.#options.writers.every((writer) => writer.failed || writer.destination.repository.index.find('tree', idBytes) >= 0);
    if (isKnown()) return id;
    let storing = this.#treesUnderWay.get(id);
    if (storing === undefined) {
      storing = this.#run({ kind: 'tree', bytes }).then(() => void this.#treesUnderWay.delete(id));
      this.#treesUnderWay.set(id, storing);
    }
    await storing;
    return id;
  }

  async #storeChildren(targets: TargetEntry, parentTree: string | undefined): Promise<Uint8Array[]> {
    const previous = await this.#parentTree(parentTree, slash);
    const children = [...targets.children].sort(([a], [b]) => (a < b ? -1 : 1));
    const nodes = await Promise.all(
      children.map(async ([key, entry]) => {
        const name = Buffer.from(key, 'latin1');
        const path = entry.path ?? entry.metadataPath;
        if (path === undefined) throw new CodedError({ code: 'internal', message: 'A target has no path' });
        try {
          const job = { kind: 'entry', path: ownCopy(path), name: ownCopy(name), explicit: true, previous } as const;
          const { parts } = await this.#run(job);
          if (entry.path !== undefined) return await this.#completeParts(parentOf(path), parts, path);
          const directory = parts.find((part) => part.kind === 'directory');
          if (directory === undefined) throw notADirectory(path);
          const nodesBelow = await this.#storeChildren(entry, directory.previousSubtree);
          return [this.#completeDirectory(directory, await this.storeTree(nodesBelow))];
        } catch (error) {
          this.#options.onProblem(problemOf(path, error));
          return [];
        }
      }),
    );
    return nodes.flat();
  }

  /** A parent snapshot that is damaged is no reason to make no new one: what it does not tell is read anew. */
  async #parentTree(id: string | undefined, path: Buffer, memory?: ArrayBuffer): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (id === undefined || this.#options.loadParentTree === undefined) return undefined;
    try {
      return await this.#options.loadParentTree(id, memory);
    } catch (error) {
      if (!CodedError.is(error) || !damageCodes.has(error.code)) throw error;
      this.#options.onProblem({ path, kind: 'parent', error });
      return undefined;
    }
  }

  async #storeDirectory(path: Buffer, entry: DirectoryEntry): Promise<Uint8Array | undefined> {
    let result: BackupJobResult;
    try {
      result = await this.#directories.pass(async () => {
        this.#options.signal?.throwIfAborted();
        const { previousSubtree: id, deviceAllowed } = entry;
        const bytes = await this.#parentTree(id, path, this.#spareMemory.pop());
        const parentTree = id === undefined || bytes === undefined ? undefined : { id, bytes };
        return this.#run({ kind: 'directory', path: ownCopy(path), deviceAllowed, parentTree }, { transfer: bytes && [bytes.buffer] });
      });
      if (result.spareMemory !== undefined) this.#spareMemory.push(result.spareMemory);
    } catch (error) {
      this.#options.onProblem(problemOf(path, error));
      return undefined;
    }
    if (result.isUnchanged === true && entry.previousSubtree !== undefined) return this.#completeDirectory(entry, entry.previousSubtree);
    return this.#completeDirectory(entry, await this.storeTree(await this.#completeParts(path, result.parts)));
  }

  #completeDirectory(entry: DirectoryEntry, subtree: string): Uint8Array {
    if (entry.previousSubtree === undefined) this.counts.dirsNew += 1;
    else if (entry.previousSubtree === subtree && entry.sameMetadata) this.counts.dirsUnmodified += 1;
    else this.counts.dirsChanged += 1;
    return Buffer.from(completeDirectory(entry.template, subtree));
  }

  /** Turns the parts of a directory into nodes. From the last to the first, since those who come later go first at the turnstile. */
  async #completeParts(directory: Buffer, parts: readonly DirectoryPart[], only?: Buffer): Promise<Uint8Array[]> {
    const complete = async (part: DirectoryPart): Promise<readonly Uint8Array[]> => {
      if (part.kind === 'nodes') return [part.json];
      if (part.kind === 'files') {
        const { parts: done } = await this.#run({ kind: 'files', directory: ownCopy(directory), names: part.names });
        return this.#completeParts(directory, done);
      }
      const path = only ?? (directory.equals(slash) ? Buffer.concat([slash, part.name]) : Buffer.concat([directory, slash, part.name]));
      const node =
        part.kind === 'directory'
          ? await this.#storeDirectory(path, part)
          : await this.#largeFiles.pass(() => this.#storeLargeFile(path, part));
      return node === undefined ? [] : [node];
    };
    const done = await Promise.all(parts.toReversed().map(complete));
    return done.reverse().flat();
  }

  async #storeLargeFile(path: Buffer, file: LargeFile): Promise<Uint8Array | undefined> {
    this.#options.signal?.throwIfAborted();
    let fd: number;
    try {
      fd = openForReading(path);
    } catch (error) {
      this.#options.onProblem(problemOf(path, error));
      return undefined;
    }
    try {
      const { content, sizeBytes } = await this.#storeSegments(path, fd);
      const changed = changeWhileReading(path, file.seen, fd, sizeBytes);
      if (changed !== undefined) this.#options.onProblem(changed);
      this.counts.files += 1;
      return Buffer.from(completeFile(file.template, sizeBytes, content));
    } catch (error) {
      this.#options.onProblem(problemOf(path, error));
      return undefined;
    } finally {
      closeSync(fd);
    }
  }

  /** Stores a file from a cut on: as soon as a worker has cut a segment, the next one is cut by another while it hashes and seals. */
  async #storeSegments(path: Buffer, fd: number): Promise<{ content: string[]; sizeBytes: number }> {
    const segments: Promise<BackupJobResult>[] = [];
    let next: { offset: number } | undefined = { offset: 0 };
    while (next !== undefined) {
      const { promise: cut, resolve, reject } = Promise.withResolvers<SegmentCut>();
      const segment = this.#run({ kind: 'segment', path: ownCopy(path), fd, offset: next.offset }, { onCut: resolve });
      segment.catch(reject);
      segments.push(segment);
      const { nextOffset, atEnd } = await cut.catch(async (error: unknown) => {
        await Promise.allSettled(segments); // nobody may use the descriptor any more when it is closed
        throw error;
      });
      next = atEnd ? undefined : { offset: nextOffset };
    }
    const results = await Promise.allSettled(segments);
    const content: string[] = [];
    let sizeBytes = 0;
    for (const result of results) {
      if (result.status === 'rejected') throw result.reason;
      for (const id of result.value.content ?? []) content.push(id);
      sizeBytes += result.value.sizeBytes ?? 0;
    }
    return { content, sizeBytes };
  }

  async #run(
    job: BackupJob,
    { onCut, transfer }: { readonly onCut?: (cut: SegmentCut) => void; readonly transfer?: readonly ArrayBuffer[] | undefined } = {},
  ): Promise<BackupJobResult> {
    const onEvent = (event: unknown): void => {
      const known = event as SealedBatch | SegmentCut;
      if (known.kind === 'cut') onCut?.(known);
      else this.#takeSealed(known);
    };
    const result = await this.#options.pool.run(job, transfer === undefined ? { onEvent } : { onEvent, transfer });
    this.#options.signal?.throwIfAborted();
    if (this.#options.writers.every((writer) => writer.failed))
      throw new CodedError({ code: 'backup-failed', message: 'Every destination has failed' });
    for (const key of ['filesNew', 'filesChanged', 'filesUnmodified', 'files', 'bytes'] as const) this.counts[key] += result.counts[key];
    if (job.kind === 'segment') this.counts.bytes += result.sizeBytes ?? 0;
    for (const problem of result.problems) this.#options.onProblem(problem);
    this.#options.onAdvance();
    return result;
  }

  /** Copies sealed blobs into the packs of their destinations and gives the memory back once all of these have room again. */
  #takeSealed({ bytes, ids, facts, busy, slot }: SealedBatch): void {
    const { writers } = this.#options;
    let offset = 0;
    for (let i = 0; i * factsPerBlob < facts.length; i++) {
      const [destination, isTree, sealedBytes, uncompressedBytes, contentBytes] = facts.subarray(
        i * factsPerBlob,
        (i + 1) * factsPerBlob,
      ) as unknown as [number, number, number, number, number];
      const id = ids.slice(i * 32, (i + 1) * 32);
      writers[destination]?.take(
        isTree === 1 ? 'tree' : 'data',
        id,
        bytes.subarray(offset, offset + sealedBytes),
        uncompressedBytes,
        contentBytes,
      );
      offset += sealedBytes;
    }
    this.#publishTables();
    if (busy === undefined) return;
    const release = (): void => {
      Atomics.store(busy, slot, 0);
      Atomics.notify(busy, slot);
    };
    void Promise.all(writers.map((writer) => writer.attempt(async (sink) => sink?.room()))).then(release);
  }

  /** Tells the workers of new index memory, and of destinations that have failed. */
  #publishTables(): void {
    const tables = this.#options.writers.map((writer) => writer.table);
    if (tables.length === this.#sentTables.length && tables.every((table, i) => table === this.#sentTables[i])) return;
    this.#sentTables = tables;
    this.#options.pool.broadcast({ kind: 'tables', tables });
  }
}

/** A message to a thread takes along all of the memory that a piece of it lies in: this has no more than it needs. */
function ownCopy(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function parentOf(path: Buffer): Buffer {
  const at = path.lastIndexOf('/');
  return at < 0 ? Buffer.from('.') : at === 0 ? slash : path.subarray(0, at);
}

function notADirectory(path: Buffer): CodedError {
  return new CodedError({
    code: 'source-unreadable',
    message: `${JSON.stringify(path.toString())} is on the way to a target and is not a directory`,
    hint: 'Name the target by its real path.',
    context: { errno: 'ENOTDIR' },
  });
}
