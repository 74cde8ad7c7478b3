import { StructureError } from '../verify-structure.ts';

export type BsonField = string | number | bigint | boolean;

/** Length of the fixed part of a value by its type, as far as headers of archives have them. */
const sizes: Readonly<Record<number, number>> = { 1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 17: 8, 18: 8 };

/** The fields of a flat BSON document: texts, numbers and booleans; others of fixed length are passed over. The form is https://bsonspec.org. */
export function bsonFields(document: Uint8Array): ReadonlyMap<string, BsonField> {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const fields = new Map<string, BsonField>();
  let at = 4;
  while (bytes[at] !== 0) {
    const type = bytes[at];
    const nameEnd = bytes.indexOf(0, at + 1);
    if (type === undefined || nameEnd < 0) throw new StructureError('a document without an end');
    const name = bytes.toString('utf8', at + 1, nameEnd);
    at = nameEnd + 1;
    const size = type === 2 ? 4 + textBytes(bytes, at) : sizes[type];
    if (size === undefined) throw new StructureError(`a header with a value of type ${type}`);
    if (at + size >= bytes.byteLength) throw new StructureError('a value that is longer than its document');
    const value = fieldAt(bytes, at, type, size);
    if (value !== undefined) fields.set(name, value);
    at += size;
  }
  if (at !== bytes.byteLength - 1) throw new StructureError('a document that ends before its length');
  return fields;
}

function textBytes(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.byteLength) throw new StructureError('a text without a length');
  const size = bytes.readInt32LE(at);
  if (size < 1) throw new StructureError('a text of no length');
  return size;
}

function fieldAt(bytes: Buffer, at: number, type: number, size: number): BsonField | undefined {
  switch (type) {
    case 1:
      return bytes.readDoubleLE(at);
    case 2:
      return bytes.toString('utf8', at + 4, at + size - 1);
    case 8:
      return bytes[at] === 1;
    case 16:
      return bytes.readInt32LE(at);
    case 18:
      return bytes.readBigInt64LE(at);
    default:
      return undefined;
  }
}
