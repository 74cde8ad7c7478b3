import { CodedError } from '@holdfast/kernel';
import { unixPermissions } from '../../format/go-mode.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import { AccountNames } from '../../posix/account-names.ts';
import { cString } from '../../posix/c-string.ts';
import { times } from '../../posix/times.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import type { EntryKind, PlannedAttribute, PlannedEntry } from './entry-record.ts';
import { entryState } from './entry-state.ts';
import { FileContents } from './file-contents.ts';
import { PlanBuilder } from './plan-builder.ts';
import { resolveSubpath } from './resolve-subpath.ts';
import type { RestoreOptions, RestoreProblem, RestoreRepository } from './restore-options.ts';
import type { RestorePlan } from './restore-plan.ts';
import { selectPath } from './select-path.ts';
import { type WalkedTree, walkTrees } from './tree-walk.ts';

/** Entries from number `from` to before `to`, all planned. */
export interface Wave {
  readonly from: number;
  readonly to: number;
}

interface Directory {
  readonly number: number;
  readonly tree: string;
  /** Relative to the target. */
  readonly path: Buffer;
}

const kinds: Readonly<Partial<Record<TreeNode['type'], EntryKind>>> = {
  dir: 'directory',
  file: 'file',
  symlink: 'symlink',
  dev: 'block-device',
  chardev: 'character-device',
  fifo: 'fifo',
};
const slash = Buffer.from('/');
const noBytes = new Uint8Array(0);
const none: readonly PlannedAttribute[] = [];
/** The longest name of an attribute that Linux has. */
const attributeNameLimit = 255;

/** The first wave is small, so that work begins at once; each is twice as large as the one before, so that there are few. */
const firstWaveEntries = 4096;

/**
 * Walks the trees once and numbers what is to be restored: entry 0 is the target, directories come before what is in them. Touches
 * nothing. Entries that cannot be restored are told to `onProblem`.
 */
export class RestorePlanner {
  readonly plan: RestorePlan;
  /** Directories whose tree could not be read whole: nothing may be deleted from them, since nobody knows what belongs there. */
  readonly unknownDirectories = new Set<number>();
  /** Per directory number, its tree; only when deleting. */
  readonly trees = new Map<number, string>();
  readonly #repository: RestoreRepository;
  readonly #options: RestoreOptions;
  readonly #selectsAttribute: (name: Uint8Array) => boolean;
  readonly #onProblem: (problem: RestoreProblem) => void;
  readonly #builder: PlanBuilder;
  readonly #contents: FileContents;
  readonly #accounts = new AccountNames();
  readonly #isFiltered: boolean;
  /** Entries with several names that are no files, by what they are. */
  readonly #specials = new Map<string, number>();

  constructor(
    repository: RestoreRepository,
    options: RestoreOptions,
    selectsAttribute: (name: Uint8Array) => boolean,
    onProblem: (problem: RestoreProblem) => void,
  ) {
    this.#repository = repository;
    this.#options = options;
    this.#selectsAttribute = selectsAttribute;
    this.#onProblem = onProblem;
    this.#isFiltered = options.include !== undefined || options.exclude !== undefined;
    this.#builder = new PlanBuilder(repository.index);
    this.#contents = new FileContents(repository.index, this.#builder);
    this.plan = this.#builder.plan;
    this.#builder.want(this.#builder.add(targetEntry));
  }

  get entryCount(): number {
    return this.#builder.entryCount;
  }

  /** Plans everything, in waves that can be worked on while the next one is planned. */
  async *waves(signal: AbortSignal): AsyncGenerator<Wave> {
    const { tree, subpath = noBytes } = this.#options;
    const start = await resolveSubpath(this.#repository, tree, subpath, signal);
    let from = 0;
    if ('node' in start) {
      this.unknownDirectories.add(targetNumber); // the target is then no image of a directory
      this.#planNodes({ number: targetNumber, tree, path: Buffer.alloc(0) }, [start.node], () => undefined);
    } else {
      let waveEntries = firstWaveEntries;
      for await (const walked of walkTrees<Directory>(
        this.#repository,
        { number: targetNumber, tree: start.tree, path: Buffer.alloc(0) },
        signal,
      )) {
        this.#planDirectory(walked);
        if (this.entryCount - from < waveEntries) continue;
        yield { from, to: this.entryCount };
        from = this.entryCount;
        waveEntries *= 2;
      }
    }
    yield { from, to: this.entryCount };
  }

  #planDirectory({ directory, nodes, descend }: WalkedTree<Directory>): void {
    if (this.#options.delete === true) this.trees.set(directory.number, directory.tree);
    try {
      this.#planNodes(directory, nodes, descend);
    } catch (error) {
      const isNothingFound = directory.number === targetNumber && this.entryCount === 1;
      if (isNothingFound || !isDamage(error)) throw error;
      this.unknownDirectories.add(directory.number);
      this.#report(directory.path, 'content', error);
    }
  }

  #planNodes(directory: Directory, nodes: Iterable<TreeNode>, descend: (below: Directory) => void): void {
    for (const node of nodes) {
      try {
        this.#planNode(directory, node, descend);
      } catch (error) {
        this.unknownDirectories.add(directory.number);
        this.#report(pathOf(directory, node), 'content', error);
      }
    }
  }

  #planNode(directory: Directory, node: TreeNode, descend: (below: Directory) => void): void {
    mustBePlainName(node.name);
    if (node.type === 'socket') return; // nothing can be restored of it, as in restic
    const isDirectory = node.type === 'dir';
    const { selected, childMayBe } = this.#isFiltered
      ? selectPath(this.#options, pathOf(directory, node), isDirectory)
      : { selected: true, childMayBe: isDirectory };
    if (!isDirectory) {
      if (selected) this.#planLeaf(directory, node);
    } else if (selected || childMayBe) {
      if (node.subtree === undefined) throw invalid('The directory has no tree');
      const number = this.#builder.add(this.#entry(directory, node, 'directory'));
      if (selected) this.#builder.want(number);
      if (childMayBe) descend({ number, tree: node.subtree, path: pathOf(directory, node) });
    }
  }

  #planLeaf(directory: Directory, node: TreeNode): void {
    const kind = kinds[node.type];
    if (kind === undefined) throw invalid(`An entry of type ${JSON.stringify(node.type)} cannot be restored`);
    if (kind === 'symlink' && node.linkTarget === undefined) throw invalid('The symbolic link has no target');
    const entry = this.#entry(directory, node, kind);
    if (kind !== 'file') {
      this.#planSpecial(node, entry);
      return;
    }
    const content = this.#contents.add(node);
    if (content.leader !== undefined) {
      this.#builder.want(this.#builder.add({ ...entry, kind: 'hard-link', leader: content.leader }));
      return;
    }
    const { contentStart, contentCount, sizeBytes } = content;
    const number = this.#builder.add({ ...entry, contentStart, contentCount, sizeBytes });
    this.#builder.want(number);
    this.#contents.remember(node, number, content);
    if (content.error === undefined) return;
    this.#report(pathOf(directory, node), 'content', content.error);
    const { damaged, state } = this.plan.shared;
    damaged[number] = 1;
    if (!content.writable) state[number] = entryState.failed;
  }

  /** A link, device or FIFO. Unlike restic, one that has several names gets them back. */
  #planSpecial(node: TreeNode, entry: PlannedEntry): void {
    const target = node.linkTarget === undefined ? '' : Buffer.from(node.linkTarget).toString('latin1');
    const key = `${node.type}:${node.deviceId}:${node.inode}:${node.device}:${target}`;
    const leader = node.links > 1 ? this.#specials.get(key) : undefined;
    const number = this.#builder.add(leader === undefined ? entry : { ...entry, kind: 'hard-link', leader });
    this.#builder.want(number);
    if (node.links > 1 && leader === undefined) this.#specials.set(key, number);
  }

  #entry(directory: Directory, node: TreeNode, kind: EntryKind): PlannedEntry {
    const { ownershipByName } = this.#options;
    return {
      kind,
      directory: directory.number,
      name: cString(node.name),
      mode: unixPermissions(node.mode),
      uid: (ownershipByName === true && node.user !== '' ? this.#accounts.userId(node.user) : undefined) ?? node.uid,
      gid: (ownershipByName === true && node.group !== '' ? this.#accounts.groupId(node.group) : undefined) ?? node.gid,
      times: times(node.atimeNs, node.mtimeNs),
      sizeBytes: 0,
      contentStart: 0,
      contentCount: 0,
      leader: 0,
      device: node.device,
      linkTarget: kind === 'symlink' && node.linkTarget !== undefined ? cString(node.linkTarget) : noBytes,
      attributes: node.extendedAttributes.length === 0 ? none : this.#attributes(directory, node),
    };
  }

  #attributes(directory: Directory, node: TreeNode): PlannedAttribute[] {
    const attributes: PlannedAttribute[] = [];
    for (const { name, value } of node.extendedAttributes) {
      if (!this.#selectsAttribute(name)) continue;
      if (name.byteLength > 0 && name.byteLength <= attributeNameLimit && !name.includes(0))
        attributes.push({ name: cString(name), value });
      else this.#report(pathOf(directory, node), 'metadata', invalid('An extended attribute has an impossible name'));
    }
    return attributes;
  }

  #report(path: Buffer, kind: RestoreProblem['kind'], error: unknown): void {
    if (!CodedError.is(error)) throw error;
    this.#onProblem({ path, kind, error });
  }
}

/** The number of the entry that stands for the target. */
const targetNumber = 0;
const targetEntry: PlannedEntry = {
  kind: 'directory',
  directory: 0,
  name: cString(noBytes),
  mode: 0o700,
  uid: 0,
  gid: 0,
  times: times(0n, 0n),
  sizeBytes: 0,
  contentStart: 0,
  contentCount: 0,
  leader: 0,
  device: 0n,
  linkTarget: noBytes,
  attributes: [],
};

function pathOf(directory: Directory, node: TreeNode): Buffer {
  return directory.path.byteLength === 0 ? Buffer.from(node.name) : Buffer.concat([directory.path, slash, node.name]);
}

/** Whether the name is one plain component, so that joined to a directory it names something in that directory. */
export function mustBePlainName(name: Uint8Array): void {
  const isDots = (name.byteLength === 1 || name.byteLength === 2) && name.every((byte) => byte === 0x2e);
  if (name.byteLength === 0 || isDots || name.includes(0x2f) || name.includes(0)) {
    throw invalid('The tree names an entry that is no plain file name');
  }
}

function invalid(message: string): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message,
    hint: 'The snapshot was made by a faulty or hostile program, or was damaged before it was sealed. The entry is left out.',
  });
}
