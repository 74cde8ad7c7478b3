import { CodedError } from '@holdfast/kernel';

/**
 * How the targets of a backup lie in its snapshot: restic's synthetic tree. A leaf stands for a path to be stored with all below it; an
 * inner entry for a directory on the way, of which only the metadata are stored. Absolute targets keep their whole path, relative ones
 * their own components; two first components of the same name from different places get `-1`, `-2`, ….
 */
export interface TargetEntry {
  /** Set for a leaf: where its content is. */
  readonly path: Buffer | undefined;
  /** Set for an inner entry: where its metadata are. */
  readonly metadataPath: Buffer | undefined;
  readonly children: ReadonlyMap<string, TargetEntry>;
}

interface MutableEntry extends TargetEntry {
  path: Buffer | undefined;
  metadataPath: Buffer | undefined;
  readonly children: Map<string, MutableEntry>;
  root: string;
}

/** Names are keys in `latin1`, one character a byte. Targets are raw paths; `.` alone must have been replaced by its entries before. */
export function targetTree(targets: readonly Buffer[]): TargetEntry {
  const root = newEntry('');
  const paths = targets.map((target) => cleanPath(target.toString('latin1'))).sort();
  for (const path of new Set(paths)) addTarget(root, path);
  return root;
}

function addTarget(tree: MutableEntry, path: string): void {
  const isAbsolute = path.startsWith('/');
  const all = path.split('/').filter((part) => part !== '');
  const up = isAbsolute ? 0 : all.filter((part) => part === '..').length;
  const start = isAbsolute ? '/' : up > 0 ? Array(up).fill('..').join('/') : '.';
  const components = all.slice(up);
  const first = components[0];
  if (first === undefined) throw noComponents(path);
  let name = first;
  for (let i = 1; tree.children.has(name) && tree.children.get(name)?.root !== start; i++) name = `${first}-${i}`;
  let place = start;
  let entry = tree;
  for (const [depth, component] of components.entries()) {
    const key = depth === 0 ? name : component;
    let child = entry.children.get(key);
    if (child === undefined) {
      child = newEntry(start);
      entry.children.set(key, child);
    }
    place = place === '/' ? `/${component}` : place === '.' ? component : `${place}/${component}`;
    if (depth === components.length - 1) {
      child.path = Buffer.from(path, 'latin1');
      child.children.clear(); // a target below another one is part of it
    } else if (child.path !== undefined) {
      return; // an earlier target holds this one
    } else {
      child.metadataPath = Buffer.from(place, 'latin1');
    }
    entry = child;
  }
}

function newEntry(root: string): MutableEntry {
  return { path: undefined, metadataPath: undefined, children: new Map(), root };
}

/** Go's filepath.Clean. */
export function cleanPath(path: string): string {
  const isAbsolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !isAbsolute) parts.push(part);
  }
  const joined = parts.join('/');
  return isAbsolute ? `/${joined}` : joined === '' ? '.' : joined;
}

function noComponents(path: string): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(path)} names no entry that could be stored`,
    hint: 'Name a directory or file. The root directory and "." are stored entry by entry.',
  });
}
