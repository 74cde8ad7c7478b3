import { CodedError } from '@holdfast/kernel';

/** What a file name must not have, or must not begin with; `%` because it begins an escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unsafe = /[\u0000-\u001f\u007f%/\\]|^[.\- ]|[ .]$/g;
const escaped = /%([0-9A-F]{2})/g;

/**
 * A file name that says which database it is of, for any name: what cannot be in a file name, or makes trouble there, is `%` and two hex digits,
 * and everything else is itself. `databaseOfEntry` is the way back.
 */
export function entryName(database: string, extension: string): string {
  const safe = database.replaceAll(unsafe, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
  return `${safe}.${extension}`;
}

/** The database that `entryName` made the file name of. */
export function databaseOfEntry(name: string, extension: string): string {
  const end = `.${extension}`;
  if (!name.endsWith(end) || name.includes('/')) {
    throw new CodedError({ code: 'invalid-argument', message: `${JSON.stringify(name)} is no dump of a database as Holdfast names them` });
  }
  return name.slice(0, -end.length).replaceAll(escaped, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
