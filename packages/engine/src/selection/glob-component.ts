import { CodedError } from '@holdfast/kernel';
import { sequenceLength } from '../format/go-json-string.ts';
import { pathBytes } from './path-text.ts';

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'byte'; readonly byte: number }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** What a byte that is no UTF-8 counts as where a character is asked for. */
const replacementCharacter = 0xfffd;

/**
 * One component of a pattern, with the syntax of Go's filepath.Match: `*`, `?`, `[a-z]`, `[^a]`, `\` before a literal character. As there,
 * `*` takes bytes and the others take characters, where a byte that is no UTF-8 counts as one: after a `*`, `?` may take a part of a
 * character. Matching takes at most length × length steps, whatever the pattern.
 */
export class GlobComponent {
  readonly #literal: string | undefined;
  readonly #tokens: readonly Token[];

  /** `whole` is the pattern that the error names: `invalid-argument` if the component is malformed. */
  constructor(component: string, whole: string) {
    const isLiteral = !/[\\[\]*?]/.test(component);
    this.#literal = isLiteral ? pathBytes(component).toString('latin1') : undefined;
    this.#tokens = isLiteral ? [] : parse([...component], whole);
  }

  /** `name` holds a byte in each of its characters (latin1). */
  matches(name: string): boolean {
    if (this.#literal !== undefined) return name === this.#literal;
    const tokens = this.#tokens;
    let token = 0;
    let at = 0;
    let starToken = -1;
    let starAt = 0;
    // The classic greedy walk: on a mismatch the last star takes one more byte; stars before it never need to.
    while (at < name.length || token < tokens.length) {
      const current = tokens[token];
      const taken = current === undefined || at >= name.length ? 0 : takenBytes(current, name, at);
      if (current?.kind === 'star') {
        starToken = token++;
        starAt = at;
      } else if (taken > 0) {
        token += 1;
        at += taken;
      } else if (starToken >= 0 && starAt < name.length) {
        token = starToken + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    return true;
  }
}

/** How many bytes the token takes at that place; 0 if it does not match. */
function takenBytes(token: Token, name: string, at: number): number {
  if (token.kind === 'star') return 0;
  if (token.kind === 'byte') return name.charCodeAt(at) === token.byte ? 1 : 0;
  const { code, length } = characterAt(name, at);
  if (token.kind === 'any') return length;
  const isInside = token.ranges.some(([low, high]) => low <= code && code <= high);
  return isInside === token.negated ? 0 : length;
}

function characterAt(name: string, at: number): { readonly code: number; readonly length: number } {
  const first = name.charCodeAt(at);
  if (first < 0x80) return { code: first, length: 1 };
  const bytes = Buffer.from(name.slice(at, at + 4), 'latin1');
  const length = sequenceLength(bytes, 0);
  return length === 0
    ? { code: replacementCharacter, length: 1 }
    : { code: bytes.toString('utf8', 0, length).codePointAt(0) as number, length };
}

function parse(chars: readonly string[], whole: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (): string => {
    const char = chars[at++];
    if (char === undefined) throw malformed(whole);
    return char;
  };
  const takeLimit = (): number => {
    const char = take();
    if (char === '-' || char === ']') throw malformed(whole);
    const limit = char === '\\' ? take() : char;
    if (!limit.isWellFormed() || at >= chars.length) throw malformed(whole);
    return limit.codePointAt(0) as number;
  };
  while (at < chars.length) {
    const char = take();
    if (char === '*') tokens.push({ kind: 'star' });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '[') {
      const negated = chars[at] === '^';
      if (negated) at += 1;
      const ranges: [number, number][] = [];
      while (ranges.length === 0 || chars[at] !== ']') {
        const low = takeLimit();
        if (chars[at] !== '-') ranges.push([low, low]);
        else {
          at += 1;
          ranges.push([low, takeLimit()]);
        }
      }
      at += 1;
      tokens.push({ kind: 'class', negated, ranges });
    } else for (const byte of pathBytes(char === '\\' ? take() : char)) tokens.push({ kind: 'byte', byte });
  }
  return tokens;
}

function malformed(pattern: string): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `The pattern ${JSON.stringify(pattern)} is malformed`,
    hint: 'Close every [ with ], and put a character after every \\. To mean one of * ? [ ] \\ itself, put a \\ before it.',
    context: { pattern },
  });
}
