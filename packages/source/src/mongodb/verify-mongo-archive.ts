import { awaitBytes, type ByteCursor } from '../byte-cursor.ts';
import { Crc64, ecmaCrc64 } from '../crc64.ts';
import { StructureError, type StructureParser, verifyStructure } from '../verify-structure.ts';
import { type BsonField, bsonFields } from './bson-fields.ts';

type Parsing<T> = Generator<undefined, T>;

const magic = 0x8199e26d;
const terminator = -1;
const smallestDocumentBytes = 5;
/** A document of a collection has at most 16 MiB, one of the operation log somewhat more. */
const largestDocumentBytes = 64 * 1024 * 1024;

/**
 * Passes an archive of mongodump on; throws `source-incomplete` unless every collection that its beginning announces came to its end mark, with
 * the checksum that the mark has. `also` are collections (`db.collection`) that must be there without being announced.
 */
export function verifyMongoArchive(
  bytes: AsyncIterable<Uint8Array>,
  what: string,
  also: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  return verifyStructure(bytes, what, archive(also));
}

function archive(also: readonly string[]): StructureParser {
  return function* parse(cursor, at) {
    at('its header');
    yield* awaitBytes(cursor, 4);
    if (int32(cursor) >>> 0 !== magic) throw new StructureError('it is no archive of mongodump');
    if ((yield* document(cursor)) === undefined) throw new StructureError('it has no header');
    at('its list of collections');
    const open = new Set<string>(also);
    for (let listed = yield* document(cursor); listed !== undefined; listed = yield* document(cursor)) {
      if (hasContent(listed)) open.add(contentName(listed));
    }
    const sums = new Map<string, Crc64>();
    const ended = new Set<string>();
    for (;;) {
      at(open.size === 0 ? undefined : `the collections (${open.size} have no end)`);
      // What one waits for here is either more or the end.
      yield* awaitBytes(cursor, 1);
      at('the header of a collection');
      const header = yield* document(cursor);
      if (header === undefined) throw new StructureError('an end of nothing');
      const name = `${text(header, 'db')}.${text(header, 'collection')}`;
      if (ended.has(name)) throw new StructureError('documents behind the end of their collection');
      const sum = sums.get(name) ?? new Crc64(ecmaCrc64);
      sums.set(name, sum);
      open.add(name);
      at(`a collection (${open.size} have no end)`);
      if (header.get('EOF') !== true) yield* documents(cursor, sum);
      else {
        yield* awaitBytes(cursor, 4);
        if (int32(cursor) !== terminator) throw new StructureError('documents behind the end of their collection');
        if (header.get('CRC') !== BigInt.asIntN(64, sum.value)) throw new StructureError('the checksum of a collection is another one');
        sums.delete(name);
        open.delete(name);
        ended.add(name);
      }
    }
  };
}

/** The fields of the next document, or undefined at an end mark. */
function* document(cursor: ByteCursor): Parsing<ReadonlyMap<string, BsonField> | undefined> {
  yield* awaitBytes(cursor, 4);
  const length = Buffer.from(cursor.take(4));
  const size = length.readInt32LE();
  if (size === terminator) return undefined;
  checkSize(size);
  yield* awaitBytes(cursor, size - 4);
  return bsonFields(Buffer.concat([length, cursor.take(size - 4)]));
}

/** Documents up to an end mark, of which only the checksum is taken. */
function* documents(cursor: ByteCursor, sum: Crc64): Parsing<void> {
  for (;;) {
    yield* awaitBytes(cursor, 4);
    const length = Buffer.from(cursor.take(4));
    const size = length.readInt32LE();
    if (size === terminator) return;
    checkSize(size);
    sum.update(length);
    for (let left = size - 4; left > 0; ) {
      const piece = cursor.take(Math.min(left, cursor.available));
      sum.update(piece);
      left -= piece.byteLength;
      if (left > 0) yield;
    }
  }
}

function checkSize(size: number): void {
  if (size < smallestDocumentBytes || size > largestDocumentBytes) throw new StructureError(`a document of ${size} bytes`);
}

function int32(cursor: ByteCursor): number {
  return Buffer.from(cursor.take(4)).readInt32LE();
}

function text(fields: ReadonlyMap<string, BsonField>, name: string): string {
  const value = fields.get(name);
  if (typeof value !== 'string') throw new StructureError(`a header without ${name}`);
  return value;
}

/** A view has a definition and no documents. */
function hasContent(listed: ReadonlyMap<string, BsonField>): boolean {
  return listed.get('type') !== 'view' && !/"viewOn"\s*:/.test(String(listed.get('metadata') ?? ''));
}

/** A time series keeps its documents in a collection of the system. */
function contentName(listed: ReadonlyMap<string, BsonField>): string {
  const collection = text(listed, 'collection');
  return `${text(listed, 'db')}.${listed.get('type') === 'timeseries' ? `system.buckets.${collection}` : collection}`;
}
