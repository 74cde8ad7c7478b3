/**
 * A line for a POSIX shell as text that Node can pass as an argument: the line itself where it is UTF-8, else one of the same meaning in ASCII,
 * since Node's arguments are text and would not carry other bytes as they are.
 */
export function asciiLine(line: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    // The line does not end in a newline (quoting ends a word that does with an apostrophe), so $(…) takes nothing from it.
    const octal = Array.from(line, (byte) => (isSafe(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`));
    return `eval "$(printf %b '${octal.join('')}')"`;
  }
}

/** ASCII letters, blanks, `/`, `-`, `.` and `_`: not digits, which would lengthen the number before them. */
function isSafe(byte: number): boolean {
  return /[A-Za-z /._-]/.test(String.fromCharCode(byte));
}
