import { constants, open } from 'node:fs/promises';
import { isErrno } from './errno.ts';

/** Blocks of every usual disk divide it. */
const alignmentBytes = 4096;

/**
 * Reads a whole file of `sizeBytes` from the disk into `into`, around the system's page cache (O_DIRECT), and returns how many bytes of it
 * are there: perhaps none, where the memory or the file system is not made for it. The rest is to be read the usual way.
 */
export async function readUncached(path: string, into: Uint8Array, sizeBytes: number): Promise<number> {
  const flag = constants.O_DIRECT as number | undefined;
  const wholeBytes = Math.ceil(sizeBytes / alignmentBytes) * alignmentBytes;
  if (flag === undefined || wholeBytes > into.byteLength) return 0;
  try {
    await using handle = await open(path, constants.O_RDONLY | flag);
    const { bytesRead } = await handle.read(into, 0, wholeBytes, 0);
    return Math.min(bytesRead, sizeBytes);
  } catch (error) {
    if (isErrno(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP')) return 0;
    throw error;
  }
}
