/** A stretch of the visible text, in UTF-16 units, as the Bot API tells it. */
export interface FakeEntity {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
  readonly url?: string;
}

export interface ParsedHtml {
  readonly text: string;
  readonly entities: readonly FakeEntity[];
}

/** What the Bot API says after `Bad Request: can't parse entities: `. */
export class EntitiesError extends Error {
  override readonly name = 'EntitiesError';
}

const types: Readonly<Record<string, string>> = {
  a: 'text_link',
  b: 'bold',
  strong: 'bold',
  i: 'italic',
  em: 'italic',
  s: 'strikethrough',
  strike: 'strikethrough',
  del: 'strikethrough',
  u: 'underline',
  ins: 'underline',
  'tg-spoiler': 'spoiler',
  'tg-emoji': 'custom_emoji',
  span: 'spoiler',
  pre: 'pre',
  code: 'code',
  blockquote: 'blockquote',
};

const namedCharacters: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"' };

interface OpenTag {
  readonly name: string;
  readonly offset: number;
  readonly attributes: ReadonlyMap<string, string>;
}

/** Reads the HTML of `parse_mode` as strictly as the Bot API does: unknown, unclosed and crossed tags are an EntitiesError. */
export function parseTelegramHtml(html: string): ParsedHtml {
  const entities: FakeEntity[] = [];
  const open: OpenTag[] = [];
  let text = '';
  let at = 0;
  const fail = (words: string, position: number, more = ''): never => {
    throw new EntitiesError(`${words} at byte offset ${Buffer.byteLength(html.slice(0, position))}${more}`);
  };
  while (at < html.length) {
    const character = html[at];
    if (character === '&') {
      const decoded = decodeCharacter(html, at);
      text += decoded.text;
      at = decoded.end;
    } else if (character !== '<') {
      text += character;
      at += 1;
    } else if (html[at + 1] === '/') {
      const [whole, name = '', end] = /^<\/([^\s>]*)\s*(>?)/.exec(html.slice(at)) ?? [''];
      const tag = open.pop() ?? fail('Unexpected end tag', at);
      if (end !== '>') fail('Unclosed end tag', at);
      if (name !== '' && name.toLowerCase() !== tag.name) {
        fail('Unmatched end tag', at, `, expected "</${tag.name}>", found "</${name}>"`);
      }
      at += whole.length;
      const url = tag.name === 'a' ? (tag.attributes.get('href') ?? text.slice(tag.offset)) : undefined;
      const length = text.length - tag.offset;
      if (length > 0) entities.push({ type: types[tag.name] ?? '', offset: tag.offset, length, ...(url === undefined ? {} : { url }) });
    } else {
      const begin = at;
      const name = (/^<([^\s>]*)/.exec(html.slice(at))?.[1] ?? '').toLowerCase();
      at += 1 + name.length;
      if (at >= html.length) fail('Unclosed start tag', begin);
      if (!Object.hasOwn(types, name)) fail(`Unsupported start tag "${name}"`, begin);
      const attributes = new Map<string, string>();
      for (;;) {
        at += /^\s*/.exec(html.slice(at))?.[0].length ?? 0;
        if (at >= html.length) fail('Unclosed start tag', begin);
        if (html[at] === '>') break;
        const attribute = readAttribute(html, at, (words) =>
          fail(`${words}${words.startsWith('Empty') ? ` in the tag "${name}"` : ''}`, begin),
        );
        attributes.set(attribute.name, attribute.value);
        at = attribute.end;
      }
      at += 1;
      if (name === 'span' && attributes.get('class') !== 'tg-spoiler') fail('Tag "span" must have class "tg-spoiler"', begin);
      open.push({ name, offset: text.length, attributes });
    }
  }
  const left = open.at(-1);
  if (left !== undefined) throw new EntitiesError(`Can't find end tag corresponding to start tag "${left.name}"`);
  return { text, entities: entities.sort((a, b) => a.offset - b.offset || b.length - a.length) };
}

interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly end: number;
}

function readAttribute(html: string, start: number, fail: (words: string) => never): Attribute {
  const name = /^[^\s=>]*/.exec(html.slice(start))?.[0] ?? '';
  if (name === '') fail('Empty attribute name');
  let at = start + name.length;
  const equals = /^\s*=\s*/.exec(html.slice(at))?.[0];
  if (equals === undefined) return { name: name.toLowerCase(), value: '', end: at };
  at += equals.length;
  const quote = html[at];
  if (quote !== '"' && quote !== "'") {
    const token = /^[A-Za-z0-9.-]*/.exec(html.slice(at))?.[0] ?? '';
    if (token === '' || !/[\s>]/.test(html[at + token.length] ?? '')) fail('Unexpected end of name token');
    return { name: name.toLowerCase(), value: token.toLowerCase(), end: at + token.length };
  }
  at += 1;
  let value = '';
  while (at < html.length && html[at] !== quote) {
    const decoded = html[at] === '&' ? decodeCharacter(html, at) : { text: html[at] ?? '', end: at + 1 };
    value += decoded.text;
    at = decoded.end;
  }
  if (at >= html.length) fail('Unclosed start tag');
  return { name: name.toLowerCase(), value, end: at + 1 };
}

/** What is unknown after an ampersand stays as it is; the semicolon may be missing. */
function decodeCharacter(html: string, at: number): { readonly text: string; readonly end: number } {
  const found = /^&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?/.exec(html.slice(at, at + 40));
  if (found === null) return { text: '&', end: at + 1 };
  const [whole, hex, decimal, name] = found;
  const end = at + whole.length;
  if (name !== undefined) {
    const named = Object.hasOwn(namedCharacters, name) ? namedCharacters[name] : undefined;
    return named === undefined ? { text: '&', end: at + 1 } : { text: named, end };
  }
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isCharacter = point > 0 && point < 0x10ffff && whole.length < 11;
  return isCharacter ? { text: String.fromCodePoint(point), end } : { text: '&', end: at + 1 };
}
