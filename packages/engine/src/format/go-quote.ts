import { isUtf8 } from 'node:buffer';
import { CodedError } from '@holdfast/kernel';
import { sequenceLength } from './go-json-string.ts';

const shortEscapes: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  12: '\\f',
  10: '\\n',
  13: '\\r',
  9: '\\t',
  11: '\\v',
  92: '\\\\',
  34: '\\"',
};
const escapedBytes = new Map(Object.entries(shortEscapes).map(([byte, text]) => [text.charCodeAt(1), Number(byte)]));
/** Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols and the plain space. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const plainAscii = /^[ !#-[\]-~]*$/;

/** Go's strconv.Quote of raw bytes, without the outer quotes. This is how restic turns names, which are bytes, into text. */
export function goQuote(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const latin1 = buffer.toString('latin1');
  if (plainAscii.test(latin1)) return latin1;
  if (isUtf8(buffer)) return quoteText(buffer.toString());
  let text = '';
  for (let at = 0; at < buffer.byteLength; ) {
    const length = sequenceLength(buffer, at);
    text += length === 0 ? hexEscape(buffer[at] as number) : quoteText(buffer.toString('utf8', at, at + length));
    at += Math.max(length, 1);
  }
  return text;
}

/** The bytes that a quoted name stands for; `format-invalid` for what Go's Unquote rejects. */
export function goUnquote(text: string): Buffer {
  if (!text.includes('\\') && !text.includes('"') && !text.includes('\n')) return Buffer.from(text);
  const parts: Buffer[] = [];
  let plainFrom = 0;
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === '"' || char === '\n') throw badQuote(text);
    if (char !== '\\') {
      at += 1;
      continue;
    }
    parts.push(Buffer.from(text.slice(plainFrom, at)));
    const [bytes, next] = unquoteEscape(text, at + 1);
    parts.push(bytes);
    plainFrom = next;
    at = next;
  }
  parts.push(Buffer.from(text.slice(plainFrom)));
  return Buffer.concat(parts);
}

function unquoteEscape(text: string, at: number): [Buffer, number] {
  const char = text[at] ?? '';
  const short = escapedBytes.get(char.charCodeAt(0));
  if (short !== undefined) return [Buffer.of(short), at + 1];
  if (char === 'x') return [Buffer.of(hexDigits(text, at + 1, 2)), at + 3];
  if (char === 'u' || char === 'U') {
    const count = char === 'u' ? 4 : 8;
    const rune = hexDigits(text, at + 1, count);
    if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) throw badQuote(text);
    return [Buffer.from(String.fromCodePoint(rune)), at + 1 + count];
  }
  const octal = text.slice(at, at + 3);
  if (!/^[0-7]{3}$/.test(octal) || Number.parseInt(octal, 8) > 255) throw badQuote(text);
  return [Buffer.of(Number.parseInt(octal, 8)), at + 3];
}

function hexDigits(text: string, at: number, count: number): number {
  const digits = text.slice(at, at + count);
  if (digits.length !== count || !/^[0-9a-fA-F]+$/.test(digits)) throw badQuote(text);
  return Number.parseInt(digits, 16);
}

function quoteText(text: string): string {
  let quoted = '';
  for (const char of text) {
    const rune = char.codePointAt(0) as number;
    const short = shortEscapes[rune];
    if (short !== undefined) quoted += short;
    else if (rune < 0x20 || rune === 0x7f) quoted += hexEscape(rune);
    else if (rune < 0x7f || printable.test(char)) quoted += char;
    else if (rune < 0x10000) quoted += `\\u${rune.toString(16).padStart(4, '0')}`;
    else quoted += `\\U${rune.toString(16).padStart(8, '0')}`;
  }
  return quoted;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

function badQuote(text: string): CodedError {
  return new CodedError({
    code: 'format-invalid',
    message: `The stored name ${JSON.stringify(text.slice(0, 200))} is not quoted as names are`,
  });
}
