import { CodedError } from '@holdfast/kernel';
import { completeDirectory, completeFile, completeOther, type NodeTemplate } from '../../format/encode-node.ts';
import type { LocalTimeFormatter } from '../../format/go-time.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import type { ItemProblem } from '../backup/backup-job.ts';
import type { WalkCounts } from '../backup/source-walk.ts';
import type { EntrySelection } from './entry-selection.ts';
import type { EntrySource, ListedEntry } from './entry-source.ts';
import type { FileFetch, WantedFile } from './file-fetch.ts';
import { listedProblem, missingTarget } from './listed-problem.ts';
import { listedTemplate } from './listed-template.ts';
import { OpenDirectory } from './open-directory.ts';
import { PreviousDirectory } from './previous-directory.ts';
import { Pulse } from './pulse.ts';

export interface EntryWalkOptions {
  readonly source: EntrySource;
  readonly targets: readonly Buffer[];
  readonly selection: EntrySelection;
  readonly oneFileSystem: boolean;
  readonly parentTree: string | undefined;
  /** A tree of the parent snapshot; undefined, and a problem told, if it is damaged. */
  readonly loadTree: (id: string, path: Buffer) => Promise<Uint8Array | undefined>;
  readonly storeTree: (nodes: readonly Uint8Array[]) => Promise<string>;
  /** Whether every destination that still works has all of this content. */
  readonly isStored: (content: readonly string[]) => boolean;
  readonly fetch: FileFetch;
  readonly counts: WalkCounts;
  readonly times: LocalTimeFormatter;
  readonly ignoreCtime: boolean;
  readonly ignoreInode: boolean;
  readonly onProblem: (problem: ItemProblem) => void;
  readonly signal: AbortSignal | undefined;
}

const slash = 0x2f;
const root = Buffer.from('/');
/** Files asked for in one stream. While it runs the listing waits, so that the memory taken does not grow with the source. */
const batchFiles = 20_000;
/** Directories whose trees are being loaded, trees being stored, and entries that wait for either. */
const unreadyLimit = 32;
const finishingLimit = 64;
const queuedLimit = 20_000;

/**
 * Turns a listing into trees: each entry is compared with its node in the parent snapshot, what is new or changed is fetched in batches, and
 * a directory is stored as soon as the listing has left it and all of it is there.
 */
export class EntryWalk {
  readonly #options: EntryWalkOptions;
  readonly #pulse = new Pulse();
  readonly #onTheWay = new Map<string, ListedEntry>();
  readonly #missing: Set<string>;
  #wanted: WantedFile[] = [];
  #open: OpenDirectory[] = [];
  /** What lies below a directory that is left out: its path with a slash. */
  #leftOut: Buffer | undefined;
  #unready = 0;
  #queued = 0;
  #finishing = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #stored = Promise.withResolvers<{ tree: string; entries: number }>();

  constructor(options: EntryWalkOptions) {
    this.#options = options;
    this.#missing = new Set(options.targets.map((target) => target.toString('latin1')));
  }

  /** Stores the targets and all below them; returns the ID of the root tree and how many entries it has. */
  async store(): Promise<{ tree: string; entries: number }> {
    const { source, targets, oneFileSystem, signal } = this.#options;
    this.#stored.promise.catch(() => undefined);
    this.#enter(undefined, root, Buffer.alloc(0), undefined, true);
    for await (const item of source.list(targets, { oneFileSystem, ...(signal === undefined ? {} : { signal }) })) {
      signal?.throwIfAborted();
      if (item.kind === 'problem') this.#takeProblem(listedProblem(item.problem));
      else if (item.onTheWay) this.#onTheWay.set(keyOf(item.entry.path), item.entry);
      else this.#take(item.entry);
      await this.#room();
      if (this.#wanted.length >= batchFiles) await this.#fetch();
    }
    while (this.#open.length > 0) this.#leave();
    while (this.#unready > 0) await this.#next();
    if (this.#wanted.length > 0) await this.#fetch();
    for (const key of this.#missing) this.#options.onProblem(missingTarget(Buffer.from(key, 'latin1')));
    return this.#stored.promise;
  }

  /** What the source says of a target that is missing is said better when the listing has ended. */
  #takeProblem(problem: ItemProblem): void {
    if (problem.kind !== 'vanished' || !this.#missing.has(keyOf(problem.path))) this.#options.onProblem(problem);
    if (problem.kind !== 'vanished') this.#missing.delete(keyOf(problem.path));
  }

  #take(entry: ListedEntry): void {
    const path = Buffer.from(entry.path);
    if (path.equals(root)) return void this.#missing.delete('/'); // has no name to be stored under: what it holds is
    if (this.#leftOut !== undefined && path.subarray(0, this.#leftOut.byteLength).equals(this.#leftOut)) return;
    this.#leftOut = undefined;
    const cut = path.lastIndexOf(slash);
    const name = path.subarray(cut + 1);
    const directory = this.#directoryAt(cut === 0 ? root : path.subarray(0, cut));
    const { selection } = this.#options;
    this.#missing.delete(keyOf(path));
    if (directory === undefined) {
      this.#options.onProblem(
        listedProblem({ path, kind: 'unreadable', reason: 'a symbolic link is on the way to it: name it by its real path' }),
      );
      this.#leftOut = Buffer.concat([path, root]);
    } else if (!selection.takes(directory, entry, name)) {
      if (entry.type === 'dir') this.#leftOut = Buffer.concat([path, root]);
    } else if (entry.type === 'dir') {
      this.#enter(directory, path, name, listedTemplate(entry, name, this.#options.times), selection.mayEnter(entry));
    } else if (directory.queue === undefined) {
      this.#compare(directory, entry, name);
    } else {
      directory.queue.push(entry);
      this.#queued += 1;
    }
  }

  /**
   * The open directory of that path. Those that the listing has left are closed, those on the way to a target opened; undefined if what is on
   * the way is no directory.
   */
  #directoryAt(path: Buffer): OpenDirectory | undefined {
    for (;;) {
      const top = this.#open.at(-1);
      if (top === undefined) throw outOfPlace(path);
      if (top.path.equals(path)) return top;
      const prefix = top.path.equals(root) ? root : Buffer.concat([top.path, root]);
      if (!path.subarray(0, prefix.byteLength).equals(prefix)) {
        if (top.parent === undefined) throw outOfPlace(path);
        this.#leave();
        continue;
      }
      const end = path.indexOf(slash, prefix.byteLength);
      const next = end < 0 ? path : path.subarray(0, end);
      const entry = this.#onTheWay.get(keyOf(next));
      if (entry === undefined) throw outOfPlace(path);
      if (entry.type !== 'dir') return undefined;
      const name = next.subarray(prefix.byteLength);
      this.#enter(top, next, name, listedTemplate(entry, name, this.#options.times), true);
    }
  }

  #enter(parent: OpenDirectory | undefined, path: Buffer, name: Buffer, template: NodeTemplate | undefined, mayEnter: boolean): void {
    const directory = new OpenDirectory({ path, name, parent, template, mayEnter });
    if (parent !== undefined) parent.outstanding += 1;
    this.#open.push(directory);
    if (this.#options.parentTree === undefined) {
      directory.queue = undefined;
      return;
    }
    this.#unready += 1;
    void this.#watch(this.#prepare(directory)).finally(() => {
      this.#unready -= 1;
      this.#pulse.beat();
    });
  }

  readonly #ready = new WeakMap<OpenDirectory, Promise<void>>();

  /** Loads the directory's tree in the parent snapshot, then compares the entries that came meanwhile. */
  #prepare(directory: OpenDirectory): Promise<void> {
    const { parent } = directory;
    const load = async (): Promise<void> => {
      if (parent !== undefined) await this.#ready.get(parent);
      const before = parent === undefined ? this.#options.parentTree : parent.previous.find(directory.name)?.subtree;
      directory.previousSubtree = before;
      const tree = before === undefined ? undefined : await this.#options.loadTree(before, directory.path);
      if (tree !== undefined) directory.previous = new PreviousDirectory(tree);
      const waiting = directory.queue ?? [];
      directory.queue = undefined;
      this.#queued -= waiting.length;
      for (const entry of waiting)
        this.#compare(
          directory,
          entry,
          Buffer.from(entry.path.subarray(directory.path.byteLength === 1 ? 1 : directory.path.byteLength + 1)),
        );
      this.#settle(directory);
    };
    const loading = load();
    this.#ready.set(directory, loading);
    return loading;
  }

  /** An entry that is no directory: taken over from the parent snapshot, stored, or wanted from the source. */
  #compare(directory: OpenDirectory, entry: ListedEntry, name: Buffer): void {
    const { times, isStored, counts, onProblem } = this.#options;
    if (entry.type === 'socket') return;
    if (entry.type === 'irregular') {
      onProblem(listedProblem({ path: entry.path, kind: 'unreadable', reason: 'an unknown kind of file' }));
      return;
    }
    const template = listedTemplate(entry, name, times);
    if (entry.type !== 'file') return directory.add(name, completeOther(template));
    const { sizeBytes } = entry;
    const same = sizeBytes === undefined ? undefined : directory.previous.sameFile(name, template, sizeBytes);
    if (same !== undefined && isStored(same.content)) return this.#takeUnmodified(directory, entry, name, same.json);
    const before = directory.previous.find(name);
    if (sizeBytes !== undefined && before !== undefined && this.#isUnchanged(entry, before)) {
      return this.#takeUnmodified(directory, entry, name, completeFile(template, sizeBytes, before.content ?? []));
    }
    if (before === undefined) counts.filesNew += 1;
    else counts.filesChanged += 1;
    directory.outstanding += 1;
    this.#wanted.push({ entry, template, directory, name });
  }

  #takeUnmodified(directory: OpenDirectory, entry: ListedEntry, name: Buffer, json: Uint8Array | string): void {
    const { counts } = this.#options;
    counts.filesUnmodified += 1;
    counts.files += 1;
    counts.bytes += entry.sizeBytes ?? 0;
    directory.add(name, json);
  }

  /** restic's rule, and all content must still be in every destination's index. */
  #isUnchanged(entry: ListedEntry, previous: TreeNode): boolean {
    const { ignoreCtime, ignoreInode, isStored } = this.#options;
    return (
      previous.type === 'file' &&
      previous.content !== null &&
      previous.sizeBytes === entry.sizeBytes &&
      previous.mtimeNs === entry.mtimeNs &&
      (ignoreCtime || previous.ctimeNs === entry.ctimeNs) &&
      (ignoreInode || previous.inode === entry.inode) &&
      isStored(previous.content)
    );
  }

  /** Has the wanted files delivered and stored. */
  async #fetch(): Promise<void> {
    const files = this.#wanted;
    this.#wanted = [];
    await this.#options.fetch.fetch(files, (file, content) => {
      const { directory, name, template } = file;
      if (content !== undefined) directory.add(name, completeFile(template, content.sizeBytes, content.content));
      directory.outstanding -= 1;
      this.#settle(directory);
    });
    this.#throwFailure();
  }

  #leave(): void {
    const directory = this.#open.pop();
    if (directory === undefined) return;
    directory.left = true;
    this.#settle(directory);
  }

  /** Stores the directory if nothing of it is missing any more. */
  #settle(directory: OpenDirectory): void {
    if (!directory.isComplete) return;
    this.#finishing += 1;
    void this.#watch(this.#finish(directory)).finally(() => {
      this.#finishing -= 1;
      this.#pulse.beat();
    });
  }

  async #finish(directory: OpenDirectory): Promise<void> {
    const { onProblem, storeTree, counts } = this.#options;
    const prefix = directory.path.equals(root) ? root : Buffer.concat([directory.path, root]);
    const nodes = directory.takeNodes((name) =>
      onProblem(listedProblem({ path: Buffer.concat([prefix, name]), kind: 'changed', reason: 'listed twice' })),
    );
    const subtree = await storeTree(nodes);
    const { parent, template, name, previousSubtree } = directory;
    if (parent === undefined || template === undefined) return this.#stored.resolve({ tree: subtree, entries: nodes.length });
    if (previousSubtree === undefined) counts.dirsNew += 1;
    else if (previousSubtree === subtree && parent.previous.isSameDirectory(name, template, subtree)) counts.dirsUnmodified += 1;
    else counts.dirsChanged += 1;
    parent.add(name, completeDirectory(template, subtree));
    parent.outstanding -= 1;
    this.#settle(parent);
  }

  async #room(): Promise<void> {
    this.#throwFailure();
    while (this.#unready > unreadyLimit || this.#finishing > finishingLimit || this.#queued > queuedLimit) await this.#next();
  }

  async #next(): Promise<void> {
    await this.#pulse.next();
    this.#throwFailure();
    this.#options.signal?.throwIfAborted();
  }

  /** Work that nobody awaits: what goes wrong in it ends the walk at its next step. */
  async #watch(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#failure ??= { error };
      this.#stored.reject(error);
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function keyOf(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString('latin1');
}

function outOfPlace(path: Uint8Array): CodedError {
  return new CodedError({
    code: 'source-incomplete',
    message: `The listing of the source names something in ${JSON.stringify(Buffer.from(path).toString())} without that directory before it`,
    hint: 'The listing was cut short or garbled on its way. Run the backup again.',
    retry: 'temporary',
  });
}
