import { incomplete } from '../source-errors.ts';

const magic = 'SQLite format 3\0';
const headerBytes = 100;

/**
 * Passes the file of a database on; throws `source-incomplete` unless it is as long as its own header says, and as `sizeBytes` where the caller
 * knows it. Whether its content is sound is for the integrity check on the host.
 */
export async function* verifySqlite(bytes: AsyncIterable<Uint8Array>, what: string, sizeBytes?: number): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0);
  let size = 0;
  for await (const piece of bytes) {
    if (head.byteLength < headerBytes) head = Buffer.concat([head, piece.subarray(0, headerBytes - head.byteLength)]);
    size += piece.byteLength;
    yield piece;
  }
  const byHeader = sizeByHeader(head, what);
  const expected = sizeBytes ?? byHeader;
  if (expected !== undefined && size !== expected) throw incomplete(what, `${size} of ${expected} bytes are there`);
}

/** Pages times their size; undefined where a program older than 2010 wrote the file last, which did not keep the number up to date. */
function sizeByHeader(head: Uint8Array, what: string): number | undefined {
  const header = Buffer.from(head);
  if (header.byteLength < headerBytes || header.toString('latin1', 0, magic.length) !== magic)
    throw incomplete(what, 'it is no SQLite database');
  const stored = header.readUInt16BE(16);
  const pageBytes = stored === 1 ? 65_536 : stored;
  const isCurrent = header.readUInt32BE(24) === header.readUInt32BE(92);
  return isCurrent ? pageBytes * header.readUInt32BE(28) : undefined;
}
