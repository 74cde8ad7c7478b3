/**
 * Text in lower case, character by character: a Σ at the end of a word and an İ become what they become anywhere, as with restic, so that a
 * part of a name is folded like the whole.
 */
export function lowerCase(text: string): string {
  if (/^\p{ASCII}*$/u.test(text)) return text.toLowerCase();
  return Array.from(text, (char) => String.fromCodePoint(char.toLowerCase().codePointAt(0) as number)).join('');
}
