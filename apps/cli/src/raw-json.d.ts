/** In Node since version 21; not in the library that TypeScript describes yet. */
interface JSON {
  /** A number, string or literal that `stringify` writes as it stands. */
  rawJSON(text: string): unknown;
}
