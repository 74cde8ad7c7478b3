// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to be replaced
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Text from file names, tags and the like, made harmless for a terminal: control characters become visible escapes. */
export function terminalText(text: string): string {
  return text.replace(unsafe, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A path's raw bytes for people. */
export function pathText(path: Uint8Array): string {
  return terminalText(Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString());
}
