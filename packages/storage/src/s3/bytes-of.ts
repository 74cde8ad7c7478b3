import { type Body, exactParts, type FileRef } from '../port/index.ts';

/**
 * All of a body in one piece: what is sent has a checksum before it, and nothing is sent of a body that fails. A pack is one piece already and
 * is not copied.
 */
export async function bytesOf(file: FileRef, body: Body, signal: AbortSignal | undefined): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  let filled = 0;
  for await (const part of exactParts(file, body, signal)) {
    if (filled === 0 && part.byteLength === body.sizeBytes) bytes = part;
    else {
      bytes ??= new Uint8Array(body.sizeBytes);
      bytes.set(part, filled);
    }
    filled += part.byteLength;
  }
  return bytes ?? new Uint8Array(0);
}
