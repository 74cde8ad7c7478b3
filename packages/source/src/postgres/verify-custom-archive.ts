import { awaitBytes, type ByteCursor, skipBytes } from '../byte-cursor.ts';
import { StructureError, verifyStructure } from '../verify-structure.ts';

type Parsing<T> = Generator<undefined, T>;

interface ArchiveForm {
  /** major × 100 + minor of the archive's format, as in 114 for 1.14. */
  readonly version: number;
  readonly intBytes: number;
  readonly offsetBytes: number;
}

const magic = 'PGDMP';
const customFormat = 1;
const oldestVersion = 112;
const newestVersion = 116;
const dataBlock = 1;
const blobsBlock = 3;

/**
 * Passes a dump in pg_dump's custom format on; throws `source-incomplete` unless the table of contents is whole and each entry that announces
 * data has them, to their end mark, with nothing behind. A dump written to a pipe has no other end mark: its table of contents comes first.
 */
export function verifyCustomArchive(bytes: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array> {
  return verifyStructure(bytes, what, archive);
}

function* archive(cursor: ByteCursor, at: (part: string) => void): Parsing<void> {
  at('its header');
  const form = yield* header(cursor);
  at('its table of contents');
  const announced = yield* tableOfContents(cursor, form);
  while (announced.size > 0) {
    at(`the data (${announced.size} of its tables and objects are missing)`);
    yield* awaitBytes(cursor, 1);
    const kind = cursor.byte();
    const id = yield* int(cursor, form);
    if (!announced.delete(id)) throw new StructureError(`data of the entry ${id}, which announces none or had them already`);
    if (kind === dataBlock) yield* pieces(cursor, form);
    else if (kind === blobsBlock) while ((yield* int(cursor, form)) !== 0) yield* pieces(cursor, form);
    else throw new StructureError(`a block of the unknown kind ${kind}`);
  }
}

function* header(cursor: ByteCursor): Parsing<ArchiveForm> {
  yield* awaitBytes(cursor, 11);
  if (Buffer.from(cursor.take(magic.length)).toString('latin1') !== magic) throw new StructureError('it is no archive of pg_dump');
  const version = cursor.byte() * 100 + cursor.byte();
  cursor.skip(1); // the revision changes nothing of the form
  const form = { version, intBytes: cursor.byte(), offsetBytes: cursor.byte() };
  if (version < oldestVersion || version > newestVersion) throw new StructureError(`its version ${version / 100} is not known here`);
  if (form.intBytes < 4 || form.intBytes > 8 || form.offsetBytes < 4 || form.offsetBytes > 8)
    throw new StructureError('sizes that cannot be');
  if (cursor.byte() !== customFormat) throw new StructureError('it is not in the custom format');
  // How it is compressed: one byte since 1.15, a number before. The framing is the same for each.
  if (version >= 115) yield* skipBytes(cursor, 1);
  else yield* int(cursor, form);
  for (let part = 0; part < 7; part += 1) yield* int(cursor, form); // time of the dump
  for (let text = 0; text < 3; text += 1) yield* string(cursor, form); // database, versions of server and program
  return form;
}

/** The IDs of the entries that announce data. */
function* tableOfContents(cursor: ByteCursor, form: ArchiveForm): Parsing<Set<number>> {
  const announced = new Set<number>();
  const count = yield* int(cursor, form);
  if (count < 0) throw new StructureError('less than no entries');
  for (let entry = 0; entry < count; entry += 1) {
    const id = yield* int(cursor, form);
    if ((yield* int(cursor, form)) !== 0) announced.add(id);
    for (let text = 0; text < 4; text += 1) yield* string(cursor, form); // catalogue's table and number, tag, description
    yield* int(cursor, form); // section
    for (let text = 0; text < 5; text += 1) yield* string(cursor, form); // definition, drop, copy, schema, tablespace
    if (form.version >= 114) yield* string(cursor, form); // access method
    if (form.version >= 116) yield* int(cursor, form); // kind of relation
    for (let text = 0; text < 2; text += 1) yield* string(cursor, form); // owner, with OIDs
    while (yield* string(cursor, form)); // dependencies
    yield* skipBytes(cursor, 1 + form.offsetBytes);
  }
  return announced;
}

function* pieces(cursor: ByteCursor, form: ArchiveForm): Parsing<void> {
  // A piece is often one row: no generator is made for one that is there.
  for (;;) {
    if (cursor.available <= form.intBytes) yield* awaitBytes(cursor, 1 + form.intBytes);
    const size = readInt(cursor, form);
    if (size === 0) return;
    if (size < 0) throw new StructureError('a piece of less than no bytes');
    if (size <= cursor.available) cursor.skip(size);
    else yield* skipBytes(cursor, size);
  }
}

function* int(cursor: ByteCursor, form: ArchiveForm): Parsing<number> {
  if (cursor.available <= form.intBytes) yield* awaitBytes(cursor, 1 + form.intBytes);
  return readInt(cursor, form);
}

/** A sign, then the bytes of the value, the least significant first. */
function readInt(cursor: ByteCursor, { intBytes }: ArchiveForm): number {
  const sign = cursor.byte();
  let value = 0;
  for (let at = 0, weight = 1; at < intBytes; at += 1, weight *= 256) value += cursor.byte() * weight;
  if (sign > 1 || !Number.isSafeInteger(value)) throw new StructureError('a number that is none');
  return sign === 1 ? -value : value;
}

/** Whether there was a text: none (or an empty one, in a list of dependencies the same) is false. */
function* string(cursor: ByteCursor, form: ArchiveForm): Parsing<boolean> {
  const size = yield* int(cursor, form);
  if (size < -1) throw new StructureError('a text of less than no bytes');
  if (size > 0) yield* skipBytes(cursor, size);
  return size >= 0;
}
