import { CodedError } from '@holdfast/kernel';

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'literal'; readonly char: string }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/**
 * One component of a pattern, with the syntax of Go's filepath.Match: `*`, `?`, `[a-z]`, `[^a]`, `\` before a literal character. Matching
 * takes at most length × length steps, whatever the pattern.
 */
export class GlobComponent {
  readonly #literal: string | undefined;
  readonly #tokens: readonly Token[];

  /** `whole` is the pattern that the error names: `invalid-argument` if the component is malformed. */
  constructor(component: string, whole: string) {
    this.#literal = /[\\[\]*?]/.test(component) ? undefined : component;
    this.#tokens = this.#literal === undefined ? parse([...component], whole) : [];
  }

  matches(name: string): boolean {
    if (this.#literal !== undefined) return name === this.#literal;
    const chars = [...name];
    const tokens = this.#tokens;
    let token = 0;
    let char = 0;
    let starToken = -1;
    let starChar = 0;
    // The classic greedy walk: on a mismatch the last star takes one more character; stars before it never need to.
    while (char < chars.length) {
      const current = tokens[token];
      if (current?.kind === 'star') {
        starToken = token++;
        starChar = char;
      } else if (current !== undefined && matchesOne(current, chars[char] as string)) {
        token += 1;
        char += 1;
      } else if (starToken >= 0) {
        token = starToken + 1;
        char = ++starChar;
      } else {
        return false;
      }
    }
    while (tokens[token]?.kind === 'star') token += 1;
    return token === tokens.length;
  }
}

function matchesOne(token: Token, char: string): boolean {
  if (token.kind === 'any') return true;
  if (token.kind === 'literal') return token.char === char;
  if (token.kind === 'star') return false;
  const code = char.codePointAt(0) as number;
  const inside = token.ranges.some(([low, high]) => (low.codePointAt(0) as number) <= code && code <= (high.codePointAt(0) as number));
  return inside !== token.negated;
}

function parse(chars: readonly string[], whole: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const literal = (): string => {
    const char = chars[at++];
    if (char === undefined || char === '-' || char === ']') throw malformed(whole);
    if (char !== '\\') return char;
    const escaped = chars[at++];
    if (escaped === undefined) throw malformed(whole);
    return escaped;
  };
  while (at < chars.length) {
    const char = chars[at++] as string;
    if (char === '*') tokens.push({ kind: 'star' });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\') {
      const escaped = chars[at++];
      if (escaped === undefined) throw malformed(whole);
      tokens.push({ kind: 'literal', char: escaped });
    } else if (char === '[') {
      const negated = chars[at] === '^';
      if (negated) at += 1;
      const ranges: [string, string][] = [];
      while (ranges.length === 0 || chars[at] !== ']') {
        const low = literal();
        let high = low;
        if (chars[at] === '-') {
          at += 1;
          high = literal();
        }
        if (at >= chars.length) throw malformed(whole);
        ranges.push([low, high]);
      }
      at += 1;
      tokens.push({ kind: 'class', negated, ranges });
    } else tokens.push({ kind: 'literal', char });
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
