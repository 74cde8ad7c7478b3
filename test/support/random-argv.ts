import type { FastRandom } from './fast-random.ts';

/** What shells, option parsers and terminals make much of. */
const telling = [
  '',
  '-',
  '--',
  '-n',
  '-e',
  '--help',
  '-oProxyCommand=touch /tmp/x',
  'a=b',
  '=ls',
  '~',
  '~root',
  '*',
  '?',
  '[a]',
  '{a,b}',
  '$HOME',
  '$(id)',
  '`id`',
  '$' + '{x}',
  "'",
  "''",
  '"',
  '\\',
  "\\'",
  "'\\''",
  '\\\\',
  '!',
  '!!',
  ';',
  '&',
  '&&',
  '|',
  '(',
  ')',
  '<',
  '>',
  '#',
  '%s',
  '%1',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '\n\n',
  '\u{1b}[31m',
  'if',
  'then',
  'done',
  'exec',
  'é',
  'e\u0301',
  '\u2028',
  '日本',
  '\ufeff',
].map((word) => Buffer.from(word));

/** Some words of any bytes but NUL: telling ones, random ones, and mixtures. */
export function randomArgv(random: FastRandom): Buffer[] {
  return Array.from({ length: 1 + random.below(6) }, () => {
    const parts = Array.from({ length: 1 + random.below(3) }, () =>
      random.below(2) === 0 ? telling[random.below(telling.length)] : someBytes(random),
    );
    return Buffer.concat(parts.filter((part) => part !== undefined));
  });
}

function someBytes(random: FastRandom): Buffer {
  return Buffer.from(Array.from({ length: random.below(9) }, () => 1 + random.below(255)));
}
