import { CodedError } from '@holdfast/kernel';

/** A word of a key that is no name of a file, and what stands for it. No other word has an escape of this form. */
const emptyWord = '%empty';
/** An object whose key, with a slash behind it, is the beginning of another's: the file in the directory of that name. */
export const ownName = '%object';
const escaped = /%([0-9A-F]{2})/g;

/**
 * The path, below the bucket's directory, of an object: the words between the slashes of its key are names, and whatever could not be one is
 * `%` and two hexadecimal digits, or `%empty`. No two keys have one path, and `keyOfPath` is the way back.
 */
export function pathOfKey(key: string): readonly string[] {
  return key.split('/').map((word) => {
    if (word === '') return emptyWord;
    if (word === '.' || word === '..') return word.replaceAll('.', '%2E');
    return word.replaceAll(/[%\p{Cc}]/gu, (sign) => (sign > '\u007f' ? sign : escapeOf(sign)));
  });
}

/** The key that `pathOfKey` made the names of, with `ownName` behind it or not. `invalid-argument` for names that it never makes. */
export function keyOfPath(names: readonly string[]): string {
  const words = names.length > 1 && names.at(-1) === ownName ? names.slice(0, -1) : names;
  const key = words
    .map((name) =>
      name === emptyWord ? '' : name.replaceAll(escaped, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
    )
    .join('/');
  if (pathOfKey(key).join('/') === words.join('/')) return key;
  throw new CodedError({
    code: 'invalid-argument',
    message: `${JSON.stringify(names.join('/'))} is no path of an object as Holdfast names them`,
    hint: 'Choose what a backup of a bucket has stored.',
  });
}

function escapeOf(sign: string): string {
  return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
