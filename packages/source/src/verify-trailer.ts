import { incomplete } from './source-errors.ts';

/** The first and the last bytes of a text, as Latin-1 so that each byte is one character. */
export interface TextEnds {
  readonly head: string;
  readonly tail: string;
}

const heldBytes = 2048;

/**
 * Passes a dump in text form on and throws `source-incomplete` behind its end unless `missing` finds nothing missing in its first and last
 * 2048 bytes. A text that was cut at a statement's end is valid, so that only what its format ends with can tell.
 */
export async function* verifyTrailer(
  bytes: AsyncIterable<Uint8Array>,
  what: string,
  missing: (ends: TextEnds) => string | undefined,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  let tail: Uint8Array = new Uint8Array(0);
  for await (const piece of bytes) {
    if (head.byteLength < heldBytes) head = Buffer.concat([head, piece.subarray(0, heldBytes - head.byteLength)]);
    // A copy either way: who gets the piece may use its memory again.
    tail = piece.byteLength >= heldBytes ? piece.slice(-heldBytes) : Buffer.concat([tail, piece]).subarray(-heldBytes);
    yield piece;
  }
  const why = missing({ head: latin1(head), tail: latin1(tail) });
  if (why !== undefined) throw incomplete(what, why);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
