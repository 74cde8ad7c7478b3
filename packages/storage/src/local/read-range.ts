import { open } from 'node:fs/promises';
import type { ByteRange } from '../port/index.ts';

/** One read of the system takes less than 2 GiB; between two the signal is heard. */
const readBytes = 64 << 20;

/** A read that met the end of the file too early. */
export interface EarlyEnd {
  readonly range: ByteRange;
  readonly endsAtBytes: number;
}

/** The range of the file (all of it without one) in an ArrayBuffer of its own, or where the file ends instead. */
export async function readRange(path: string, range: ByteRange | undefined, signal?: AbortSignal): Promise<Uint8Array | EarlyEnd> {
  await using handle = await open(path, 'r');
  // Asked before memory is taken, as the length may come from a damaged index.
  const { size } = await handle.stat();
  const wanted = range ?? { offset: 0, length: size };
  if (wanted.offset + wanted.length > size) return { range: wanted, endsAtBytes: size };
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(wanted.length).buffer);
  for (let filled = 0; filled < bytes.byteLength; ) {
    signal?.throwIfAborted();
    const length = Math.min(bytes.byteLength - filled, readBytes);
    const { bytesRead } = await handle.read(bytes, filled, length, wanted.offset + filled);
    if (bytesRead === 0) return { range: wanted, endsAtBytes: wanted.offset + filled };
    filled += bytesRead;
  }
  return bytes;
}
