/**
 * Writes archives as mongodump does, by its published specification (common/archive/spec.md of the MongoDB tools): there is no MongoDB server
 * for tests.
 */
export interface ArchiveCollection {
  readonly db: string;
  readonly collection: string;
  readonly type?: 'collection' | 'view' | 'timeseries';
  /** Whole BSON documents, split over the segments of the archive. */
  readonly segments: readonly (readonly Uint8Array[])[];
  /** Not in the list at the beginning, as the operation log. */
  readonly unlisted?: boolean;
}

const magic = Buffer.from('6de29981', 'hex');
const terminator = Buffer.alloc(4, 0xff);

/** An archive of these collections, their segments one after the other in turn. */
export function mongoArchive(collections: readonly ArchiveCollection[]): Buffer {
  const header = bson({ concurrent_collections: 4, version: '0.1', server_version: '7.0.5', tool_version: '100.9.4' });
  const list = collections
    .filter(({ unlisted }) => unlisted !== true)
    .map(({ db, collection, type = 'collection' }) => bson({ db, collection, metadata: '{"indexes":[]}', size: 10, type }));
  const parts: Buffer[] = [magic, header, ...list, terminator];
  const rounds = Math.max(0, ...collections.map(({ segments }) => segments.length));
  for (let round = 0; round < rounds; round += 1) {
    for (const { segments, ...named } of collections) {
      const documents = segments[round];
      if (documents !== undefined)
        parts.push(bson({ ...place(named), EOF: false, CRC: 0n }), ...documents.map((one) => Buffer.from(one)), terminator);
    }
  }
  for (const { segments, ...named } of collections) {
    if (named.type === 'view') continue;
    parts.push(bson({ ...place(named), EOF: true, CRC: BigInt.asIntN(64, slowCrc64(Buffer.concat(segments.flat()))) }), terminator);
  }
  return Buffer.concat(parts);
}

/** A flat BSON document. */
export function bson(fields: Readonly<Record<string, string | number | bigint | boolean>>): Buffer {
  const parts = Object.entries(fields).map(([name, value]) => {
    const label = Buffer.from(`${name}\0`);
    switch (typeof value) {
      case 'string': {
        const text = Buffer.from(`${value}\0`);
        return Buffer.concat([Buffer.of(2), label, int32(text.byteLength), text]);
      }
      case 'boolean':
        return Buffer.concat([Buffer.of(8), label, Buffer.of(value ? 1 : 0)]);
      case 'bigint': {
        const bytes = Buffer.alloc(8);
        bytes.writeBigInt64LE(value);
        return Buffer.concat([Buffer.of(18), label, bytes]);
      }
      default:
        return Buffer.concat([Buffer.of(16), label, int32(value)]);
    }
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([int32(body.byteLength + 5), body, Buffer.of(0)]);
}

function place({ db, collection, type }: Omit<ArchiveCollection, 'segments'>): { db: string; collection: string } {
  return { db, collection: type === 'timeseries' ? `system.buckets.${collection}` : collection };
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

/** CRC-64-ECMA bit by bit, to be a second opinion. */
function slowCrc64(bytes: Uint8Array): bigint {
  const all = 0xffff_ffff_ffff_ffffn;
  let crc = all;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0xc96c5795d7870f42n : crc >> 1n;
  }
  return crc ^ all;
}
