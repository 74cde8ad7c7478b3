import { type BigIntStats, closeSync, readlinkSync } from 'node:fs';
import { cString } from '../../packages/engine/src/posix/c-string.ts';
import { descriptorPath, listNames } from '../../packages/engine/src/posix/descriptor-path.ts';
import { openAt, workingDirectory } from '../../packages/engine/src/posix/directory-calls.ts';
import { statAt } from '../../packages/engine/src/posix/entry-stat.ts';
import { listExtendedAttributes } from '../../packages/engine/src/posix/extended-attributes.ts';
import { readAt } from '../../packages/engine/src/posix/file-calls.ts';
import { openFlags } from '../../packages/engine/src/posix/open-flags.ts';
import { checked } from '../../packages/engine/src/posix/system-error.ts';

export type Aspect =
  | 'missing'
  | 'unexpected'
  | 'type'
  | 'mode'
  | 'owner'
  | 'mtime'
  | 'atime'
  | 'size'
  | 'content'
  | 'link-target'
  | 'device'
  | 'attributes'
  | 'hard-links';

/** One way in which two trees differ. `a` and `b` show the two sides. */
export interface Difference {
  /** Relative to both trees; empty for the trees' own directories. */
  readonly path: Buffer;
  readonly aspect: Aspect;
  readonly a: string;
  readonly b: string;
}

export interface CompareOptions {
  /** What not to compare. Default `atime`, since reading a tree changes it. `unexpected` allows entries that only `b` has. */
  readonly ignore?: readonly Aspect[];
  /** Whether the two directories themselves are compared too. Default false. */
  readonly roots?: boolean;
  /** Whether sockets in `a` must be in `b`. Default false: backups leave them out. */
  readonly sockets?: boolean;
}

const bufferBytes = 1 << 20;

/**
 * Everything in which directory `b` differs from directory `a`: names, content and all metadata (mode, owner, times to the nanosecond,
 * extended attributes with ACLs, targets of symbolic links, device numbers, which names are links to the same file). Works below PATH_MAX
 * and beyond, with any bytes in names. Needs the rights to read both.
 */
export function compareTrees(a: Buffer, b: Buffer, options: CompareOptions = {}): Difference[] {
  const comparison = new Comparison(options);
  const [rootA, rootB] = [a, b].map((path) => openDirectory(workingDirectory, path, openFlags.anyDirectory)) as [number, number];
  try {
    comparison.directories(rootA, rootB, Buffer.alloc(0));
    const dot = Buffer.from('.');
    if (options.roots === true) comparison.metadata(rootA, rootB, dot, mustStat(rootA, dot), mustStat(rootB, dot), Buffer.alloc(0));
  } finally {
    closeSync(rootA);
    closeSync(rootB);
  }
  return comparison.differences;
}

/** The differences as lines for an assertion's message. */
export function showDifferences(differences: readonly Difference[]): string {
  return differences.map(({ path, aspect, a, b }) => `${JSON.stringify(path.toString('latin1'))} ${aspect}: ${a} → ${b}`).join('\n');
}

class Comparison {
  readonly differences: Difference[] = [];
  readonly #options: CompareOptions;
  readonly #ignored: ReadonlySet<Aspect>;
  readonly #firstNamesA = new Map<string, string>();
  readonly #firstNamesB = new Map<string, string>();
  readonly #bufferA = new Uint8Array(bufferBytes);
  readonly #bufferB = new Uint8Array(bufferBytes);

  constructor(options: CompareOptions) {
    this.#options = options;
    this.#ignored = new Set(options.ignore ?? ['atime']);
  }

  directories(a: number, b: number, path: Buffer): void {
    const namesB = new Set(listNames(b).map((name) => name.toString('latin1')));
    for (const name of listNames(a).sort(Buffer.compare)) {
      const entry = path.byteLength === 0 ? name : Buffer.concat([path, Buffer.from('/'), name]);
      const statA = mustStat(a, name);
      if (statA.isSocket() && this.#options.sockets !== true) continue;
      const statB = namesB.delete(name.toString('latin1')) ? mustStat(b, name) : undefined;
      if (statB === undefined) this.#differ(entry, 'missing', typeOf(statA), 'nothing');
      else this.#entries(a, b, name, statA, statB, entry);
    }
    for (const name of [...namesB].sort()) {
      const entry = Buffer.from(name, 'latin1');
      this.#differ(path.byteLength === 0 ? entry : Buffer.concat([path, Buffer.from('/'), entry]), 'unexpected', 'nothing', 'something');
    }
  }

  metadata(a: number, b: number, name: Buffer, statA: BigIntStats, statB: BigIntStats, path: Buffer): void {
    const octal = (stat: BigIntStats): string => (stat.mode & 0o7777n).toString(8);
    this.#compare(path, 'mode', octal(statA), octal(statB));
    this.#compare(path, 'owner', `${statA.uid}:${statA.gid}`, `${statB.uid}:${statB.gid}`);
    this.#compare(path, 'mtime', String(statA.mtimeNs), String(statB.mtimeNs));
    this.#compare(path, 'atime', String(statA.atimeNs), String(statB.atimeNs));
    this.#compare(path, 'attributes', attributes(descriptorPath(a, name)), attributes(descriptorPath(b, name)));
  }

  #entries(a: number, b: number, name: Buffer, statA: BigIntStats, statB: BigIntStats, path: Buffer): void {
    if (typeOf(statA) !== typeOf(statB)) {
      this.#differ(path, 'type', typeOf(statA), typeOf(statB));
      return;
    }
    if (statA.isDirectory()) {
      const innerA = openDirectory(a, name, openFlags.directory);
      const innerB = openDirectory(b, name, openFlags.directory);
      try {
        this.directories(innerA, innerB, path);
      } finally {
        closeSync(innerA);
        closeSync(innerB);
      }
    } else {
      this.#compare(path, 'hard-links', firstName(this.#firstNamesA, statA, path), firstName(this.#firstNamesB, statB, path));
    }
    if (statA.isSymbolicLink()) this.#compare(path, 'link-target', linkTarget(a, name), linkTarget(b, name));
    if (statA.isBlockDevice() || statA.isCharacterDevice()) this.#compare(path, 'device', String(statA.rdev), String(statB.rdev));
    if (statA.isFile()) this.#contents(a, b, name, statA, statB, path);
    this.metadata(a, b, name, statA, statB, path);
  }

  #contents(a: number, b: number, name: Buffer, statA: BigIntStats, statB: BigIntStats, path: Buffer): void {
    if (statA.size !== statB.size) {
      this.#differ(path, 'size', String(statA.size), String(statB.size));
      return;
    }
    const fileA = checked(openAt(a, cString(name), openFlags.read), 'openat');
    const fileB = checked(openAt(b, cString(name), openFlags.read), 'openat');
    try {
      for (let offset = 0; offset < statA.size; offset += bufferBytes) {
        const gotA = checked(readAt(fileA, this.#bufferA, offset), 'pread');
        const gotB = checked(readAt(fileB, this.#bufferB, offset), 'pread');
        if (Buffer.compare(this.#bufferA.subarray(0, gotA), this.#bufferB.subarray(0, gotB)) !== 0) {
          this.#differ(path, 'content', `from byte ${offset}`, 'something else');
          return;
        }
      }
    } finally {
      closeSync(fileA);
      closeSync(fileB);
    }
  }

  #compare(path: Buffer, aspect: Aspect, a: string, b: string): void {
    if (a !== b) this.#differ(path, aspect, a, b);
  }

  #differ(path: Buffer, aspect: Aspect, a: string, b: string): void {
    if (!this.#ignored.has(aspect)) this.differences.push({ path, aspect, a, b });
  }
}

function openDirectory(directory: number, name: Buffer, flags: number): number {
  return checked(openAt(directory, cString(name), flags), 'openat');
}

function mustStat(directory: number, name: Buffer): BigIntStats {
  const stat = statAt(directory, cString(name));
  if (stat === undefined) throw new Error(`${JSON.stringify(name.toString('latin1'))} went away`);
  return stat;
}

function typeOf(stat: BigIntStats): string {
  return (stat.mode & 0o170000n).toString(8);
}

function linkTarget(directory: number, name: Buffer): string {
  return readlinkSync(descriptorPath(directory, name), { encoding: 'buffer' }).toString('latin1');
}

function attributes(path: Buffer): string {
  return listExtendedAttributes(path)
    .map(({ name, value }) => `${Buffer.from(name).toString('latin1')}=${Buffer.from(value).toString('hex')}`)
    .sort()
    .join(' ');
}

/** The first name met of the same file: equal in both trees exactly when the same names are linked. */
function firstName(known: Map<string, string>, stat: BigIntStats, path: Buffer): string {
  if (stat.nlink < 2n) return path.toString('latin1');
  const key = `${stat.dev}:${stat.ino}`;
  const first = known.get(key) ?? path.toString('latin1');
  known.set(key, first);
  return first;
}
