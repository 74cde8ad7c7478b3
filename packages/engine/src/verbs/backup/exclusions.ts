import { closeSync, openSync, readSync } from 'node:fs';
import { PatternList } from '../../selection/path-pattern.ts';
import type { ExclusionRules } from './exclusion-rules.ts';

const slash = Buffer.from('/');

export interface TagFile {
  readonly name: Buffer;
  readonly header: Buffer;
}

const cacheDirectoryTag: TagFile = {
  name: Buffer.from('CACHEDIR.TAG'),
  header: Buffer.from('Signature: 8a477f597d28d172789f06886806bc55'),
};

/** The exclusion rules of a run, ready to be asked. Paths are absolute and raw bytes. */
export class Exclusions {
  readonly #patterns: readonly PatternList[];
  readonly #tags: readonly TagFile[];
  readonly #largerThanBytes: number;

  constructor(rules: ExclusionRules) {
    const lists = [PatternList.parse(rules.patterns), PatternList.parse(rules.caseInsensitivePatterns, { caseInsensitive: true })];
    this.#patterns = lists.filter((list) => !list.isEmpty);
    this.#tags = directoryTags(rules);
    this.#largerThanBytes = rules.largerThanBytes ?? Number.POSITIVE_INFINITY;
  }

  get hasPatterns(): boolean {
    return this.#patterns.length > 0;
  }

  excludesPath(path: Buffer): boolean {
    return this.#patterns.some((list) => list.match(path).matched);
  }

  excludesSize(sizeBytes: number): boolean {
    return sizeBytes > this.#largerThanBytes;
  }

  /** What is left of a directory's names (a byte a character): all of them, or only the tag that excludes the others. */
  keptNames(directory: Buffer, names: readonly string[]): readonly string[] {
    for (const tag of this.#tags) {
      const name = tag.name.toString('latin1');
      if (names.includes(name) && startsWith(Buffer.concat([directory, slash, tag.name]), tag.header)) return [name];
    }
    return names;
  }
}

/** The files that leave out the content of the directory they lie in, in the order in which they are looked for. */
export function directoryTags(rules: Pick<ExclusionRules, 'caches' | 'ifPresent'>): TagFile[] {
  return [...(rules.caches ? [cacheDirectoryTag] : []), ...rules.ifPresent.map(parseTag)];
}

function parseTag(text: string): TagFile {
  const colon = text.indexOf(':');
  return colon < 0
    ? { name: Buffer.from(text), header: Buffer.alloc(0) }
    : { name: Buffer.from(text.slice(0, colon)), header: Buffer.from(text.slice(colon + 1)) };
}

/** A tag that cannot be read excludes nothing, as with restic: rather too much in a backup than too little. */
function startsWith(path: Buffer, header: Buffer): boolean {
  if (header.byteLength === 0) return true;
  const start = Buffer.alloc(header.byteLength);
  try {
    const fd = openSync(path, 'r');
    try {
      return readSync(fd, start, 0, start.byteLength, 0) === start.byteLength && start.equals(header);
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
