import { ByteCursor } from './byte-cursor.ts';
import { incomplete } from './source-errors.ts';

/** Thrown by a parser that meets what its format does not allow; the text says what. */
export class StructureError extends Error {
  override readonly name = 'StructureError';
}

/**
 * A parser of a binary format: reads from the cursor, yields when it needs more, and returns where the format ends. It tells by `at` what it is
 * in, and by undefined that the dump is whole if nothing more comes. It throws a StructureError for what the format does not allow.
 */
export type StructureParser = (cursor: ByteCursor, at: (part: string | undefined) => void) => Generator<undefined, void>;

/**
 * Passes a dump in binary form on while a parser follows. Throws `source-incomplete` as soon as the bytes cannot be what they should, and
 * behind the last byte unless the format may end exactly there.
 */
export async function* verifyStructure(bytes: AsyncIterable<Uint8Array>, what: string, parse: StructureParser): AsyncGenerator<Uint8Array> {
  const cursor = new ByteCursor();
  let part: string | undefined = 'its beginning';
  const parser = parse(cursor, (name) => {
    part = name;
  });
  let ended = false;
  const go = (): void => {
    try {
      if (!ended) ended = parser.next().done === true;
    } catch (error) {
      if (!(error instanceof StructureError)) throw error;
      throw incomplete(what, `${part ?? 'its end'} is damaged (${error.message})`, { cause: error });
    }
    if (ended && cursor.available > 0) throw incomplete(what, 'something follows behind its end');
  };
  for await (const piece of bytes) {
    cursor.add(piece);
    go();
    cursor.detach();
    yield piece;
  }
  if (ended || (part === undefined && cursor.available === 0)) return;
  throw incomplete(what, `it ends within ${part ?? 'something behind its end'}`);
}
