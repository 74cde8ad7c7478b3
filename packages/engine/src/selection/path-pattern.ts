import { GlobComponent } from './glob-component.ts';
import { lowerCase } from './lower-case.ts';
import { pathBytes, pathText } from './path-text.ts';

/** `undefined` stands for `**`: any number of components. */
type Part = GlobComponent | undefined;

interface Pattern {
  readonly isNegated: boolean;
  readonly isAbsolute: boolean;
  readonly parts: readonly Part[];
  readonly wildcards: number;
}

export interface PatternMatch {
  /** Whether the path, or a directory above it, matches. */
  readonly matched: boolean;
  /** Whether something below the path could still match: for walks that look for what is included. */
  readonly childMayMatch: boolean;
}

/**
 * restic's patterns: components in the syntax of Go's filepath.Match, `**` for any number of them, relative patterns at any depth, `!` in
 * front to take back what earlier patterns matched. A pattern that matches a directory matches all below it.
 */
export class PatternList {
  readonly #patterns: readonly Pattern[];
  readonly #caseInsensitive: boolean;
  readonly #hasNegated: boolean;

  private constructor(patterns: readonly Pattern[], caseInsensitive: boolean) {
    this.#patterns = patterns;
    this.#caseInsensitive = caseInsensitive;
    this.#hasNegated = patterns.some(({ isNegated }) => isNegated);
  }

  /** `invalid-argument` names a malformed pattern. Empty ones are passed over. */
  static parse(patterns: readonly string[], options: { readonly caseInsensitive?: boolean } = {}): PatternList {
    const caseInsensitive = options.caseInsensitive ?? false;
    const parsed = patterns
      .filter((pattern) => pattern !== '')
      .map((pattern) => parsePattern(caseInsensitive ? lowerCase(pattern) : pattern));
    return new PatternList(parsed, caseInsensitive);
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  match(path: Uint8Array): PatternMatch {
    let matched = false;
    let childMayMatch = false;
    if (path.byteLength === 0) return { matched, childMayMatch };
    const bytes = this.#caseInsensitive ? pathBytes(lowerCase(pathText(path))) : Buffer.from(path.buffer, path.byteOffset, path.byteLength);
    const components = splitPath(bytes.toString('latin1'));
    for (const pattern of this.#patterns) {
      const matches = matchPattern(pattern, components);
      if (pattern.isNegated) {
        matched &&= !matches;
        childMayMatch &&= !matches;
      } else {
        matched ||= matches;
        childMayMatch ||= childMatches(pattern, components);
        if (matched && childMayMatch && !this.#hasNegated) break;
      }
    }
    return { matched, childMayMatch };
  }
}

/**
 * A pattern that matches an absolute path and what is below it, and nothing else, whatever bytes the path has. For options and calls: in a
 * pattern file, white space at its ends, `$` and `#` mean something else.
 */
export function escapePattern(path: Uint8Array): string {
  const escaped = pathText(path).replace(/[\\[\]*?]/g, '\\$&');
  return escaped.startsWith('!') ? `\\${escaped}` : escaped;
}

function parsePattern(text: string): Pattern {
  const isNegated = text.startsWith('!');
  const components = splitPath(clean(isNegated ? text.slice(1) : text));
  const isAbsolute = components[0] === '/';
  const parts: Part[] = components
    .slice(isAbsolute ? 1 : 0)
    .map((part) => (part === '**' || part === '' ? undefined : new GlobComponent(part, text)));
  const wildcards = parts.filter((part) => part === undefined).length;
  const [first, last] = [parts[0], parts.at(-1)];
  // The only `**`, at the end or at the beginning of a relative pattern, says what holds without it.
  const isRedundant = wildcards === 1 && (last === undefined || (first === undefined && !isAbsolute));
  if (!isRedundant) return { isNegated, isAbsolute, parts, wildcards };
  return { isNegated, isAbsolute, parts: parts.filter((part) => part !== undefined), wildcards: 0 };
}

/** Components of a path; an absolute one has `/` first. The root is `/` and an empty component. */
function splitPath(path: string): string[] {
  const components = path.split('/');
  if (components[0] === '') components[0] = '/';
  return components;
}

/** Go's filepath.Clean, as far as patterns go. */
function clean(path: string): string {
  const isAbsolute = path.startsWith('/');
  const kept: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else if (part !== '..' || !isAbsolute) kept.push(part);
  }
  const joined = kept.join('/');
  return isAbsolute ? `/${joined}` : joined === '' ? '.' : joined;
}

function matchPattern(pattern: Pattern, path: readonly string[]): boolean {
  const { isAbsolute, parts, wildcards } = pattern;
  const first = path[0] === '/' ? 1 : 0;
  if (isAbsolute && first === 0) return false;
  const highest = path.length - (parts.length - wildcards);
  const last = isAbsolute ? Math.min(first, highest) : highest;
  for (let offset = last; offset >= first; offset--) if (matchFrom(pattern, path, offset)) return true;
  return false;
}

/**
 * Whether the parts match the components from `offset` on, up to any later one. Positions reached are carried from part to part, so time is
 * bounded. As with restic, each `**` leaves one component for each that follows it: of several, not all can always stand for none.
 */
function matchFrom({ isAbsolute, parts, wildcards }: Pattern, path: readonly string[], offset: number): boolean {
  if (wildcards === 0) return parts.every((part, i) => part?.matches(path[offset + i] as string));
  const slack = path.length + 1 - parts.length - (isAbsolute ? 1 : 0);
  let reached = [offset];
  for (const [nr, part] of parts.entries()) {
    const [lowest] = reached;
    if (lowest === undefined) return false;
    if (part === undefined) {
      const highest = Math.min(path.length, offset + nr + slack);
      reached = Array.from({ length: Math.max(0, highest - lowest + 1) }, (_, i) => lowest + i);
    } else {
      reached = reached.filter((at) => at < path.length && part.matches(path[at] as string)).map((at) => at + 1);
    }
  }
  return reached.length > 0;
}

/** Whether the path lies on the way to something that an absolute pattern matches; a relative one can match at any depth. */
function childMatches({ isAbsolute, parts }: Pattern, path: readonly string[]): boolean {
  if (!isAbsolute) return true;
  if (path[0] !== '/') return false;
  const wildcard = parts.indexOf(undefined);
  const comparable = wildcard < 0 ? parts.length : wildcard;
  const depth = Math.min(path.length - 1, comparable);
  return parts.slice(0, depth).every((part, i) => part?.matches(path[i + 1] as string) === true);
}
