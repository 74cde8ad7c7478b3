import { CodedError } from '@holdfast/kernel';
import type { Body } from './body.ts';
import { describeFile } from './check-file.ts';
import type { FileRef } from './storage.ts';

/**
 * The parts of the body, which together are exactly its size. Before a part that would exceed it, and at an end that comes too early, it
 * throws `invalid-argument`: the one who made the body is wrong, and nothing of it may be kept.
 */
export async function* exactParts(file: FileRef, body: Body, signal?: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const part of body.open()) {
    signal?.throwIfAborted();
    bytes += part.byteLength;
    if (bytes > body.sizeBytes) throw wrongSize(file, body, `${bytes} or more`, bytes);
    yield part;
  }
  signal?.throwIfAborted();
  if (bytes !== body.sizeBytes) throw wrongSize(file, body, String(bytes), bytes);
}

function wrongSize(file: FileRef, body: Body, found: string, bytes: number): CodedError {
  return new CodedError({
    code: 'invalid-argument',
    message: `The content for ${describeFile(file)} has ${found} bytes, but ${body.sizeBytes} were announced.`,
    context: { type: file.type, name: file.name, announcedBytes: body.sizeBytes, readBytes: bytes },
  });
}
