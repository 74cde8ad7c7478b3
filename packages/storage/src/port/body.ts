/**
 * Content to be stored: its exact size, and a way to read it from the start, as often as a retry needs. A part that was given out must
 * not change until the save has settled, for drivers gather parts into one write.
 */
export interface Body {
  readonly sizeBytes: number;
  open(): AsyncIterable<Uint8Array>;
}

/** A body of bytes held in memory. The parts must not change until the save has settled. */
export function bytesBody(...parts: readonly Uint8Array[]): Body {
  return {
    sizeBytes: parts.reduce((sum, part) => sum + part.byteLength, 0),
    async *open() {
      yield* parts;
    },
  };
}
