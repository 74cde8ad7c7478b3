import { pathText } from '@holdfast/engine';

/** Bytes that are no UTF-8, as `pathText` gives them. */
const strayByte = /[\udc80-\udcff](?<![\ud800-\udbff][\udc80-\udcff])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A name's raw bytes as text, exact where it is UTF-8; every other byte as `\xNN`. */
export function escapedName(name: Uint8Array): string {
  return pathText(name).replace(strayByte, (char) => `\\x${(char.charCodeAt(0) - 0xdc00).toString(16)}`);
}

/** The same for people to read: control characters become visible, too. */
export function shownPath(path: Uint8Array): string {
  return escapedName(path).replace(control, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
