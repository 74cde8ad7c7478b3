import { sequenceLength } from '../format/go-json-string.ts';

/** Where the bytes that are no UTF-8 are kept in text: one lone surrogate each, which no valid text has. */
const invalidByteBase = 0xdc00;
const invalidBytes = /([\udc80-\udcff])/u;

/** A path's raw bytes as text in which every byte sequence stays distinct and every valid character counts as one. */
export function pathText(path: Uint8Array): string {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  const text = bytes.toString();
  if (!text.includes('\ufffd')) return text;
  let exact = '';
  let from = 0;
  for (let at = 0; at < bytes.byteLength; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    exact += bytes.toString('utf8', from, at) + String.fromCharCode(invalidByteBase + (bytes[at] as number));
    at += 1;
    from = at;
  }
  return exact + bytes.toString('utf8', from);
}

/** The bytes that `pathText` made the text of. */
export function pathBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces = text.split(invalidBytes);
  return Buffer.concat(pieces.map((piece, i) => (i % 2 === 1 ? Buffer.of(piece.charCodeAt(0) - invalidByteBase) : Buffer.from(piece))));
}
