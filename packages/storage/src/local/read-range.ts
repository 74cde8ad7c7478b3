import { open } from 'node:fs/promises';
import type { ByteRange, LoadOptions } from '../port/index.ts';
import { readUncached } from './read-uncached.ts';

/** One read of the system takes less than 2 GiB; between two the signal is heard. */
const readBytes = 64 << 20;

/** Ranges up to the size of an ordinary pack are read without a look at the size of the file: one call less of four. */
const unaskedBytes = 16 << 20;

/** A read that met the end of the file too early. */
export interface EarlyEnd {
  readonly range: ByteRange;
  readonly endsAtBytes: number;
}

/**
 * The range of the file (all of it without one), at the beginning of `into` if it fits, else in an ArrayBuffer of its own; or where the file
 * ends instead.
 */
export async function readRange(
  path: string,
  range: ByteRange | undefined,
  { into, fresh, signal }: LoadOptions = {},
): Promise<Uint8Array | EarlyEnd> {
  await using handle = await open(path, 'r');
  let wanted = range;
  // A length may come from a damaged index: before much memory is taken for it, the file is asked whether it is that long.
  if (wanted === undefined || wanted.length === 0 || wanted.length > unaskedBytes) {
    const { size } = await handle.stat();
    wanted ??= { offset: 0, length: size };
    if (wanted.offset + wanted.length > size) return { range: wanted, endsAtBytes: size };
  }
  const fits = into !== undefined && wanted.length <= into.byteLength;
  const bytes = fits ? into.subarray(0, wanted.length) : new Uint8Array(Buffer.allocUnsafeSlow(wanted.length).buffer);
  const isWhole = range === undefined;
  for (let filled = fresh === true && fits && isWhole ? await readUncached(path, into, wanted.length) : 0; filled < bytes.byteLength; ) {
    signal?.throwIfAborted();
    const length = Math.min(bytes.byteLength - filled, readBytes);
    const { bytesRead } = await handle.read(bytes, filled, length, wanted.offset + filled);
    if (bytesRead === 0) return { range: wanted, endsAtBytes: (await handle.stat()).size };
    filled += bytesRead;
  }
  return bytes;
}
