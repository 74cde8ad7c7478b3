/** The most bytes of a text with its markup; what is beyond is cut off before it is parsed. */
const mostBytes = 35_000;

/**
 * What the Bot API does to a text before it parses it: control characters become spaces, carriage returns, turns of direction and three
 * combining marks vanish, and a text beyond 35 000 bytes is cut, in the middle of a tag if need be. Undefined for what is no Unicode.
 */
export function cleanTelegramText(text: string): string | undefined {
  if (!text.isWellFormed()) return undefined;
  const cleaned = text
    .replaceAll('\r', '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones it replaces.
    .replace(/[\u0000-\u0009\u000b\u000c\u000e-\u001f]/g, ' ')
    .replace(/[\u2028-\u202e]|\u0333|\u033f|\u030a/g, '')
    .replace(/[\u200e\u200f]+(?=[\u200e\u200f])/g, (marks) => '\u200c'.repeat(marks.length));
  const bytes = Buffer.from(cleaned);
  if (bytes.length <= mostBytes) return cleaned;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, mostBytes)).replace(/\ufffd$/, '');
}

/** Takes white space off both ends of a text, as the Bot API does with what is left after parsing. */
export function trimTelegramText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones it trims.
  return text.replace(/^[ \t\r\n\v\u0000]+|[ \t\r\n\v\u0000]+$/g, '');
}
