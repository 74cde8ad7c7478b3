import { pathText } from './path-text.ts';

/** As shells and Go's os.Expand have it: `$NAME`, `${NAME}`, or one of the special characters; `${` without an end and `${}` are dropped. */
const variable = /\$(?:\{([^}]*)\}|(\{)|([*#$@!?\d-])|(\w+))/g;
/** White space to Go: U+0085 is, U+FEFF is not. */
const outerSpace = /^(?:(?!\ufeff)[\s\u0085])+|(?:(?!\ufeff)[\s\u0085])+$/g;

/**
 * The patterns of an exclude or include file as restic reads them: a line each, white space around cut off, empty lines and those that begin
 * with `#` passed over; with an environment, `$NAME` and `${NAME}` replaced from it, and `$$` for a dollar. Bytes are UTF-8, or what their
 * byte order mark says; any that are no UTF-8 stand for themselves in the patterns.
 */
export function parsePatternFile(content: Uint8Array | string, environment?: Readonly<Record<string, string | undefined>>): string[] {
  return fileText(content)
    .split('\n')
    .map((line) => line.replace(outerSpace, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => (environment === undefined ? line : expand(line, environment)));
}

function fileText(content: Uint8Array | string): string {
  if (typeof content === 'string') return content.replace(/^\ufeff/, '');
  const [first, second] = content;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(content);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(content);
  return pathText(content).replace(/^\ufeff/, '');
}

function expand(line: string, environment: Readonly<Record<string, string | undefined>>): string {
  return line.replace(variable, (_, braced?: string, open?: string, special?: string, plain?: string) => {
    const name = braced ?? special ?? plain ?? '';
    if (name === '$') return '$';
    return open === undefined && Object.hasOwn(environment, name) ? (environment[name] ?? '') : '';
  });
}
