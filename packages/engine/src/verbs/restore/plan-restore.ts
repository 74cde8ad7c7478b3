import { CodedError } from '@holdfast/kernel';
import { unixPermissions } from '../../format/go-mode.ts';
import type { TreeNode } from '../../format/tree-node.ts';
import { AccountNames } from '../../posix/account-names.ts';
import { cString } from '../../posix/c-string.ts';
import { times } from '../../posix/times.ts';
import { isDamage } from '../pack-io/is-damage.ts';
import type { EntryKind, PlannedAttribute, PlannedEntry } from './entry-record.ts';
import { FileContents } from './file-contents.ts';
import { resolveSubpath } from './resolve-subpath.ts';
import type { RestoreOptions, RestoreProblem, RestoreRepository } from './restore-options.ts';
import { type RestorePlan, RestorePlanBuilder } from './restore-plan.ts';
import { selectPath } from './select-path.ts';
import { walkTrees } from './tree-walk.ts';

/** What planning found, besides the plan. */
export interface Planned {
  readonly plan: RestorePlan;
  readonly problems: readonly RestoreProblem[];
  /** Directories whose tree could not be read whole: nothing may be deleted from them, since nobody knows what belongs there. */
  readonly unknownDirectories: ReadonlySet<number>;
  /** Per directory number, its tree; only when deleting. */
  readonly trees: ReadonlyMap<number, string>;
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

/** Walks the trees once and numbers what is to be restored. Touches nothing. Entries that cannot be restored are problems. */
export async function planRestore(
  repository: RestoreRepository,
  options: RestoreOptions,
  selectsAttribute: (name: Uint8Array) => boolean,
): Promise<Planned> {
  const planner = new Planner(repository, options, selectsAttribute);
  const start = await resolveSubpath(repository, options.tree, options.subpath ?? noBytes, options.signal);
  if ('tree' in start) await planner.walk(start.tree);
  else planner.planAlone(start.node);
  return planner.finish();
}

class Planner {
  /** The target itself. */
  readonly root: Directory;
  readonly #repository: RestoreRepository;
  readonly #options: RestoreOptions;
  readonly #selectsAttribute: (name: Uint8Array) => boolean;
  readonly #builder = new RestorePlanBuilder();
  readonly #contents: FileContents;
  readonly #accounts = new AccountNames();
  readonly #problems: RestoreProblem[] = [];
  readonly #unknownDirectories = new Set<number>();
  readonly #trees = new Map<number, string>();
  readonly #isFiltered: boolean;
  /** Entries with several names that are no files, by what they are. */
  readonly #specials = new Map<string, number>();

  constructor(repository: RestoreRepository, options: RestoreOptions, selectsAttribute: (name: Uint8Array) => boolean) {
    this.#repository = repository;
    this.#options = options;
    this.#selectsAttribute = selectsAttribute;
    this.#isFiltered = options.include !== undefined || options.exclude !== undefined;
    this.#contents = new FileContents(repository.index, this.#builder);
    this.root = { number: this.#builder.add(targetEntry), tree: options.tree, path: Buffer.alloc(0) };
    this.#builder.want(this.root.number);
  }

  async walk(tree: string): Promise<void> {
    for await (const { directory, nodes, descend } of walkTrees(this.#repository, { ...this.root, tree }, this.#options.signal)) {
      try {
        this.#planNodes(directory, nodes, descend);
      } catch (error) {
        const isNothingFound = directory.number === this.root.number && this.#builder.entryCount === 1;
        if (isNothingFound || !isDamage(error)) throw error;
        this.#unknownDirectories.add(directory.number);
        this.#report(directory.path, 'content', error);
      }
    }
  }

  /** Plans one entry that is no directory. The target is then no image of a directory, so nothing may be deleted from it. */
  planAlone(node: TreeNode): void {
    this.#unknownDirectories.add(this.root.number);
    this.#planNodes(this.root, [node], () => undefined);
  }

  finish(): Planned {
    return {
      plan: this.#builder.finish(this.#repository.index),
      problems: this.#problems,
      unknownDirectories: this.#unknownDirectories,
      trees: this.#trees,
    };
  }

  #planNodes(directory: Directory, nodes: Iterable<TreeNode>, descend: (below: Directory) => void): void {
    if (this.#options.delete === true) this.#trees.set(directory.number, directory.tree);
    for (const node of nodes) {
      try {
        this.#planNode(directory, node, descend);
      } catch (error) {
        this.#unknownDirectories.add(directory.number);
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
    if (content.writable) this.#builder.markDamaged(number);
    else this.#builder.markFailed(number);
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
    this.#problems.push({ path, kind, error });
  }
}

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
