// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that Go escapes
const needsEscape = /[\u0000-\u001f"\\<>&\u2028\u2029]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that Go escapes
const escaped = /[\u0000-\u001f"\\<>&\u2028\u2029]/g;
const shortForms: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

/** A JSON string exactly as Go's encoding/json writes it, HTML escaping on. The text must be well formed. */
export function goJsonString(text: string): string {
  if (!needsEscape.test(text)) return `"${text}"`;
  return `"${text.replace(escaped, (char) => shortForms[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`;
}

/** The same for raw bytes: each byte that is no UTF-8 becomes the escape `\ufffd`, as Go does it. */
export function goJsonBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let json = '';
  let from = 0;
  for (let at = 0; at < text.byteLength; ) {
    const length = sequenceLength(text, at);
    if (length > 0) {
      at += length;
      continue;
    }
    json += goJsonString(text.toString('utf8', from, at)).slice(1, -1);
    json += '\\ufffd';
    at += 1;
    from = at;
  }
  return `"${json}${goJsonString(text.toString('utf8', from)).slice(1, -1)}"`;
}

/** Length of the valid UTF-8 sequence at that place, 0 if there is none. */
export function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const second = bytes[at + 1] ?? 0;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
