import { CodedError } from '@holdfast/kernel';
import type { Word } from './port.ts';

const apostrophe = 0x27;
const backslash = 0x5c;
const space = 0x20;
/** No shell gives these a meaning anywhere in a word. `=` is not among them (assignments, zsh's paths), nor is `%` (jobs). */
const plainBytes: ReadonlySet<number> = new Set(
  new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_/:.,@+-'),
);
const reservedWords: ReadonlySet<string> = new Set(
  'case coproc do done elif else esac exec fi for function if in select then time until while'.split(' '),
);

/** The bytes of a word, or `invalid-argument` where no command can carry it: NUL ends a word, and half a surrogate pair is no text. */
export function wordBytes(word: Word): Uint8Array {
  if (typeof word === 'string' && !word.isWellFormed()) throw unusable(word, 'half of a surrogate pair');
  const bytes = typeof word === 'string' ? new TextEncoder().encode(word) : word;
  if (bytes.includes(0)) throw unusable(word, 'a NUL byte');
  return bytes;
}

/**
 * The word as a POSIX shell must read it to get exactly these bytes: the one place where quoting is made. Everything is between apostrophes,
 * except that an apostrophe and a backslash stand outside of them, behind a backslash. The latter for accounts whose login shell is fish, in
 * which a backslash works between apostrophes too. Words that no shell could misread stay as they are, for people who read the line.
 */
export function quote(word: Word): Uint8Array {
  const bytes = wordBytes(word);
  if (isPlain(bytes)) return bytes;
  let special = 0;
  for (const byte of bytes) if (byte === apostrophe || byte === backslash) special++;
  const quoted = new Uint8Array(bytes.length + 2 + 3 * special);
  let end = 0;
  quoted[end++] = apostrophe;
  for (const byte of bytes) {
    if (byte === apostrophe || byte === backslash) {
      quoted[end++] = apostrophe;
      quoted[end++] = backslash;
      quoted[end++] = byte;
      quoted[end++] = apostrophe;
    } else quoted[end++] = byte;
  }
  quoted[end] = apostrophe;
  return quoted;
}

/** The words, quoted, with a space between each two. */
export function quoteAll(words: readonly Word[]): Uint8Array {
  return concatenate(words.flatMap((word, index) => (index === 0 ? [quote(word)] : [Uint8Array.of(space), quote(word)])));
}

function isPlain(bytes: Uint8Array): boolean {
  if (bytes.length === 0) return false;
  for (const byte of bytes) if (!plainBytes.has(byte)) return false;
  return !reservedWords.has(new TextDecoder().decode(bytes));
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

function unusable(word: Word, why: string): CodedError {
  const shown = JSON.stringify(typeof word === 'string' ? word.toWellFormed() : new TextDecoder().decode(word)).slice(0, 80);
  return new CodedError({ code: 'invalid-argument', message: `A word of a command holds ${why}: ${shown}` });
}
