import { GlobComponent } from './glob-component.ts';
import { pathText } from './path-text.ts';

/** `undefined` stands for `**`: any number of components. */
type Part = GlobComponent | undefined;

interface Pattern {
  readonly isNegated: boolean;
  readonly isAbsolute: boolean;
  readonly parts: readonly Part[];
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
      .map((pattern) => parsePattern(caseInsensitive ? pattern.toLowerCase() : pattern));
    return new PatternList(parsed, caseInsensitive);
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  match(path: Uint8Array): PatternMatch {
    let matched = false;
    let childMayMatch = false;
    const text = pathText(path);
    const components = splitPath(this.#caseInsensitive ? text.toLowerCase() : text);
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

/** A pattern that matches exactly the path (and what is below it), whatever characters it has. */
export function escapePattern(path: Uint8Array): string {
  const escaped = pathText(path).replace(/[\\[\]*?]/g, '\\$&');
  return escaped.startsWith('!') ? `\\${escaped}` : escaped;
}

function parsePattern(text: string): Pattern {
  const isNegated = text.startsWith('!');
  const components = splitPath(clean(isNegated ? text.slice(1) : text));
  const isAbsolute = components[0] === '/';
  const parts = components.slice(isAbsolute ? 1 : 0).map((part) => (part === '**' ? undefined : new GlobComponent(part, text)));
  return { isNegated, isAbsolute, parts };
}

/** Components of a path; an absolute one has `/` first. */
function splitPath(path: string): string[] {
  if (path === '/') return ['/'];
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

function matchPattern({ isAbsolute, parts }: Pattern, path: readonly string[]): boolean {
  const rooted = path[0] === '/';
  if (isAbsolute) return rooted && matchFrom(parts, path, 1);
  for (let offset = path.length - 1; offset >= (rooted ? 1 : 0); offset--) if (matchFrom(parts, path, offset)) return true;
  return false;
}

/** Whether the parts match the components from `offset` on, up to any later one. Positions reached are carried from part to part, so time is bounded. */
function matchFrom(parts: readonly Part[], path: readonly string[], offset: number): boolean {
  let reached = new Set([offset]);
  for (const part of parts) {
    const next = new Set<number>();
    if (part === undefined) for (let at = Math.min(...reached); at <= path.length; at++) next.add(at);
    else for (const at of reached) if (at < path.length && part.matches(path[at] as string)) next.add(at + 1);
    if (next.size === 0) return false;
    reached = next;
  }
  return true;
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
