/** A piece of a stream: bytes at hand, or bytes to be loaded, which `onRead` then hears of in the order of the stream, and may refuse. */
export type Piece = Uint8Array | LoadedPiece;

export interface LoadedPiece {
  readonly load: () => Promise<Uint8Array>;
  readonly onRead?: (bytes: Uint8Array) => void;
}

interface Waiting {
  readonly bytes: Promise<Uint8Array>;
  readonly onRead: ((bytes: Uint8Array) => void) | undefined;
}

/**
 * The bytes of the pieces, in their order, while the next ones are being loaded: so many at once. Whoever stops reading stops the loading;
 * what was begun is waited for.
 */
export async function* readAhead(pieces: AsyncIterable<Piece>, limit: number): AsyncGenerator<Uint8Array> {
  const waiting: Waiting[] = [];
  const source = pieces[Symbol.asyncIterator]();
  let isAtEnd = false;
  try {
    for (;;) {
      while (!isAtEnd && waiting.length < limit) {
        const next = await source.next();
        if (next.done === true) isAtEnd = true;
        else waiting.push(begin(next.value));
      }
      const first = waiting.shift();
      if (first === undefined) return;
      const bytes = await first.bytes;
      first.onRead?.(bytes);
      if (bytes.byteLength > 0) yield bytes;
    }
  } finally {
    await Promise.allSettled(waiting.map(({ bytes }) => bytes));
    await source.return?.();
  }
}

function begin(piece: Piece): Waiting {
  if (piece instanceof Uint8Array) return { bytes: Promise.resolve(piece), onRead: undefined };
  const bytes = piece.load();
  bytes.catch(() => undefined); // it is thrown when its turn comes
  return { bytes, onRead: piece.onRead };
}
