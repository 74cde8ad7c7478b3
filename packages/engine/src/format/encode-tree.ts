const start = Buffer.from('{"nodes":[');
const comma = Buffer.from(',');
const end = Buffer.from(']}\n');

/** The tree blob of encoded nodes (one or several, joined by commas, in each part) that are in ascending order of their raw names. */
export function encodeTree(parts: readonly (Uint8Array | string)[]): Uint8Array {
  const pieces: Uint8Array[] = [start];
  for (const part of parts) {
    if (pieces.length > 1) pieces.push(comma);
    pieces.push(typeof part === 'string' ? Buffer.from(part) : part);
  }
  pieces.push(end);
  return Buffer.concat(pieces);
}

/** The order of nodes in a tree: by raw bytes of their names. */
export function compareNames(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}
