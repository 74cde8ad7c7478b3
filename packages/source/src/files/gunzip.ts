import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { sourceIncomplete } from './source-incomplete.ts';

/** What gzip packed, as it comes. `what` for messages: `source-incomplete` unless it ends as gzip ends it, with the right checksum. */
export async function* gunzip(packed: AsyncIterable<Uint8Array>, what: string): AsyncGenerator<Uint8Array, void, undefined> {
  const unpacking = createGunzip({ chunkSize: 256 << 10 });
  const feeding = pipeline(Readable.from(packed, { objectMode: false }), unpacking);
  feeding.catch(() => undefined);
  try {
    yield* unpacking as AsyncIterable<Uint8Array>;
    await feeding;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) throw sourceIncomplete(what, error.message);
    throw error;
  } finally {
    unpacking.destroy();
  }
}
